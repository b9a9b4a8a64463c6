// Active features on the device: compressed sparse rows whose pairs live in GPU buffers and whose row starts are also
// known here, since `encode` had to read them back to size the pairs.

import { FacetError } from "../../../lib/errors.ts";
import type { Features, SparseRows } from "../../backend.ts";
import type { DeviceBuffer } from "../pool.ts";
import { MAX_BINDING_BYTES, type Runner } from "../runner.ts";

export class GpuFeatures implements Features {
  readonly rows: number;
  readonly count: number;
  /** [rows + 1]; the same numbers as the buffer's. */
  readonly rowStartHere: Uint32Array;
  readonly #runner: Runner;
  #buffers: { rowStart: DeviceBuffer; index: DeviceBuffer; value: DeviceBuffer } | null;

  /** Makes room for the pairs that the row starts announce, and uploads the row starts. */
  constructor(runner: Runner, rowStart: Uint32Array) {
    const count = rowStart.at(-1) ?? 0;
    if (count * 4 > MAX_BINDING_BYTES) {
      throw new FacetError(
        "OutOfMemory",
        `Encoding: ${count} active features in ${rowStart.length - 1} tokens are more than a GPU binding holds. Use a shorter text; an SAE with so many active features may not fit this model.`,
      );
    }
    this.#runner = runner;
    this.rows = rowStart.length - 1;
    this.count = count;
    this.rowStartHere = rowStart;
    const pairBytes = Math.max(count * 4, 4);
    this.#buffers = {
      rowStart: runner.upload(rowStart, "row starts"),
      index: runner.pool.acquire(pairBytes, "feature indices"),
      value: runner.pool.acquire(pairBytes, "feature values"),
    };
  }

  get buffers(): { rowStart: DeviceBuffer; index: DeviceBuffer; value: DeviceBuffer } {
    if (this.#buffers === null) throw new Error("Features were used after their disposal");
    return this.#buffers;
  }

  dispose(): void {
    if (this.#buffers === null) return;
    const { rowStart, index, value } = this.#buffers;
    for (const buffer of [rowStart, index, value]) this.#runner.pool.release(buffer);
    this.#buffers = null;
  }
}

/** The features as ours; another backend's are a mistake in the caller. */
export function gpuFeatures(features: Features): GpuFeatures {
  if (features instanceof GpuFeatures) return features;
  throw new TypeError("Features of another backend were given to WebGPU");
}

export function uploadFeatures(runner: Runner, rows: SparseRows): GpuFeatures {
  const { rowStart, index, value } = rows;
  if (rowStart.at(-1) !== index.length || index.length !== value.length) {
    throw new RangeError(
      `Sparse rows end at ${rowStart.at(-1)} and have ${index.length} indices, ${value.length} values`,
    );
  }
  const features = new GpuFeatures(runner, rowStart.slice());
  runner.write(features.buffers.index, 0, index);
  runner.write(features.buffers.value, 0, value);
  return features;
}

export async function readFeatures(runner: Runner, features: GpuFeatures): Promise<SparseRows> {
  const { index, value } = features.buffers;
  const bytes = features.count * 4;
  const [indices, values] = await Promise.all([
    runner.read(index, bytes, "Reading active features"),
    runner.read(value, bytes, "Reading active features"),
  ]);
  return {
    rowStart: features.rowStartHere.slice(),
    index: new Uint32Array(indices),
    value: new Float32Array(values),
  };
}
