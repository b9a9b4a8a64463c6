// Activations on the device: f32 [rows, cols] in one pooled buffer, which goes back to the pool on disposal.

import { FacetError } from "../../lib/errors.ts";
import type { Tensor } from "../backend.ts";
import type { DeviceBuffer } from "./pool.ts";
import { MAX_BINDING_BYTES, type Runner } from "./runner.ts";

export class GpuTensor implements Tensor {
  readonly rows: number;
  readonly cols: number;
  readonly #runner: Runner;
  #buffer: DeviceBuffer | null;

  /** Takes the buffer over. */
  constructor(runner: Runner, rows: number, cols: number, buffer: DeviceBuffer) {
    this.#runner = runner;
    this.rows = rows;
    this.cols = cols;
    this.#buffer = buffer;
  }

  get buffer(): DeviceBuffer {
    if (this.#buffer === null) {
      throw new Error(`A tensor of ${this.rows} × ${this.cols} was used after its disposal`);
    }
    return this.#buffer;
  }

  /** Of the values, not of the buffer. */
  get bytes(): number {
    return this.rows * this.cols * 4;
  }

  dispose(): void {
    if (this.#buffer !== null) this.#runner.pool.release(this.#buffer);
    this.#buffer = null;
  }
}

/** The tensor as ours; another backend's is a mistake in the caller. */
export function gpuTensor(x: Tensor): GpuTensor {
  if (x instanceof GpuTensor) return x;
  throw new TypeError("A tensor of another backend was given to WebGPU");
}

/** A tensor with whatever is in its buffer. */
export function emptyTensor(runner: Runner, rows: number, cols: number, label: string): GpuTensor {
  const bytes = rows * cols * 4;
  if (bytes > MAX_BINDING_BYTES) {
    throw new FacetError(
      "OutOfMemory",
      `Reserving ${label}: ${rows} × ${cols} values are ${bytes} bytes, and a GPU binding holds ${MAX_BINDING_BYTES}. Use a shorter text.`,
    );
  }
  return new GpuTensor(runner, rows, cols, runner.pool.acquire(Math.max(bytes, 4), label));
}

/** Fails where the shapes that meet in an operation do not. */
export function expectShape(x: Tensor, rows: number, cols: number, what: string): GpuTensor {
  if (x.rows !== rows || x.cols !== cols) {
    throw new RangeError(`${what} is ${x.rows} × ${x.cols}; it must be ${rows} × ${cols}`);
  }
  return gpuTensor(x);
}
