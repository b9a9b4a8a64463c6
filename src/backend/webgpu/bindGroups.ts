// Bind groups by their layout and buffers, each made once. Looked up at every dispatch: a number is hashed from the
// ids, and no string is built.

import { PARAMS_BYTES } from "./kernel.ts";
import type { Layout } from "./pipelines.ts";
import type { DeviceBuffer } from "./pool.ts";

/** More than any model's forward needs; texts of ever other lengths would add to them for ever. */
const MAX_KEPT = 4096;

interface Kept {
  readonly layout: Layout;
  readonly ids: readonly number[];
  readonly gpu: GPUBindGroup;
}

export class BindGroups {
  readonly #device: GPUDevice;
  readonly #uniforms: GPUBuffer;
  readonly #kept = new Map<number, Kept[]>();
  #count = 0;
  #made = 0;

  /** @param uniforms what binding 0 is a window of. */
  constructor(device: GPUDevice, uniforms: GPUBuffer) {
    this.#device = device;
    this.#uniforms = uniforms;
  }

  /** Made so far; a repeated run adds none. */
  get made(): number {
    return this.#made;
  }

  get(layout: Layout, buffers: readonly DeviceBuffer[]): GPUBindGroup {
    let hash = layout.id;
    for (const { id } of buffers) hash = (Math.imul(hash, 31) + id) | 0;
    const alike = this.#kept.get(hash);
    if (alike) {
      for (const one of alike) if (isOf(one, layout, buffers)) return one.gpu;
    }
    return this.#make(hash, layout, buffers);
  }

  /** Forgets them all, since buffers they are made of are about to be destroyed. */
  clear(): void {
    this.#kept.clear();
    this.#count = 0;
  }

  #make(hash: number, layout: Layout, buffers: readonly DeviceBuffer[]): GPUBindGroup {
    if (this.#count === MAX_KEPT) this.clear();
    this.#count++;
    this.#made++;
    const gpu = this.#device.createBindGroup({
      layout: layout.bindings,
      entries: [
        { binding: 0, resource: { buffer: this.#uniforms, size: PARAMS_BYTES } },
        ...buffers.map((buffer, i) => ({ binding: i + 1, resource: { buffer: buffer.gpu } })),
      ],
    });
    const kept = { layout, ids: buffers.map(({ id }) => id), gpu };
    const alike = this.#kept.get(hash);
    if (alike) alike.push(kept);
    else this.#kept.set(hash, [kept]);
    return gpu;
  }
}

function isOf(kept: Kept, layout: Layout, buffers: readonly DeviceBuffer[]): boolean {
  if (kept.layout !== layout) return false;
  for (let i = 0; i < buffers.length; i++) if (kept.ids[i] !== buffers[i]?.id) return false;
  return true;
}
