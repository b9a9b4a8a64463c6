// Buffers that the CPU can read, kept between reads.

import { sizeClass } from "./pool.ts";

export class Staging {
  readonly #device: GPUDevice;
  readonly #free = new Map<number, GPUBuffer[]>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** A buffer of at least `bytes`, until it is given to `take`. */
  acquire(bytes: number): GPUBuffer {
    const size = sizeClass(bytes);
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    return (
      this.#free.get(size)?.pop() ?? this.#device.createBuffer({ label: "staging", size, usage })
    );
  }

  /**
   * What a buffer begins with, in pieces of so many bytes, once what was submitted has run. A buffer that fails is not used
   * again.
   */
  async take(buffer: GPUBuffer, pieces: readonly number[]): Promise<ArrayBuffer[]> {
    const bytes = pieces.reduce((sum, piece) => sum + piece, 0);
    try {
      await buffer.mapAsync(GPUMapMode.READ, 0, bytes);
    } catch (error) {
      buffer.destroy();
      throw error;
    }
    const mapped = buffer.getMappedRange(0, bytes);
    let end = 0;
    const copies = pieces.map((piece) => mapped.slice(end, (end += piece)));
    buffer.unmap();
    const free = this.#free.get(buffer.size);
    if (free) free.push(buffer);
    else this.#free.set(buffer.size, [buffer]);
    return copies;
  }
}
