// A runner that runs nothing. Of every dispatch it has the pipeline compiled; buffers hold nothing, and what is read is
// zeros. So shaders are compiled, all at the same time, while the weights they will read are still on their way.

import type { Pipelines } from "./pipelines.ts";
import { BufferPool, type DeviceBuffer } from "./pool.ts";
import type { BytesOf, Dispatch, Limits, Part, Runner } from "./runner.ts";
import type { Variants } from "./variants.ts";

/** Stands for every buffer: nobody touches it. */
const NOTHING = {} as GPUBuffer;

export class Precompiler implements Runner {
  readonly limits: Limits;
  readonly variants: Variants;
  readonly pool = new BufferPool({ createBuffer: () => NOTHING }, () => undefined);
  readonly #pipelines: Pipelines;

  constructor(pipelines: Pipelines, variants: Variants, limits: Limits) {
    this.#pipelines = pipelines;
    this.variants = variants;
    this.limits = limits;
  }

  dispatch({ kernel, constants = {} }: Dispatch): void {
    this.#pipelines.compile(kernel, constants);
  }

  copy(): void {}

  write(): void {}

  upload(data: Uint32Array | Float32Array, label: string): DeviceBuffer {
    return this.pool.acquire(data.byteLength, label);
  }

  async read<const P extends readonly Part[]>(parts: P): Promise<BytesOf<P>> {
    return parts.map(({ bytes }) => new ArrayBuffer(bytes)) as BytesOf<P>;
  }
}
