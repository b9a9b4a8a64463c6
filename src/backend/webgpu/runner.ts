// What operations are written on: they reserve buffers, record dispatches and copies, and read back. GpuRunner does it
// (gpuRunner.ts); a Precompiler only compiles what would be dispatched (precompiler.ts).

import type { Constants, Kernel } from "./kernel.ts";
import type { BufferPool, DeviceBuffer } from "./pool.ts";
import type { Variants } from "./variants.ts";

export interface Dispatch {
  readonly kernel: Kernel;
  readonly constants?: Constants;
  /** In the order of the kernel's bindings. */
  readonly buffers: readonly DeviceBuffer[];
  /** The words of `Params`: first the u32 ones, then the f32 ones. */
  readonly u32: readonly number[];
  readonly f32?: readonly number[];
  /** Workgroups in x and y, and in z where there is more than one. */
  readonly groups: readonly [x: number, y: number, z?: number];
  /** Multiplications and additions, roughly; 0 where they do not count. */
  readonly flops?: number;
}

/** The first `bytes`, a multiple of 4, of a buffer. */
export interface Part {
  readonly buffer: DeviceBuffer;
  readonly bytes: number;
}

/** What was read of each part. */
export type BytesOf<P extends readonly Part[]> = { [I in keyof P]: ArrayBuffer };

export interface Limits {
  /** A slice of a weight, or scratch, holds no more bytes. */
  readonly bindingBytes: number;
  /** Work of more than this goes in several dispatches and submissions. */
  readonly submissionFlops: number;
  /** Whether invocations share a row: not in software, where the barrier that they need costs more than the row. */
  readonly sharedRows: boolean;
  /** Where room for every feature of every row takes no more, it is taken, and nobody waits to hear how many there are. */
  readonly roomBytes: number;
}

/** WebGPU's default limits. */
export const MAX_BINDING_BYTES = 128 * 2 ** 20;

export interface Runner {
  readonly limits: Limits;
  readonly pool: BufferPool;
  readonly variants: Variants;
  dispatch(work: Dispatch): void;
  /** Bytes; offsets and length are multiples of 4. */
  copy(
    from: DeviceBuffer,
    fromOffset: number,
    to: DeviceBuffer,
    toOffset: number,
    bytes: number,
  ): void;
  /** Uploads in order with what was recorded; the length is a multiple of 4 bytes. */
  write(buffer: DeviceBuffer, offset: number, data: Uint8Array | Uint32Array | Float32Array): void;
  /** A pooled buffer with these values. */
  upload(data: Uint32Array | Float32Array, label: string): DeviceBuffer;
  /**
   * Beginnings of buffers, as they are once everything recorded so far has run. What is read in one go, by one call or
   * by several before any of them waits, is one submission.
   */
  read<const P extends readonly Part[]>(parts: P, doing: string): Promise<BytesOf<P>>;
}
