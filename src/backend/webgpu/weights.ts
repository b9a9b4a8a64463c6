// Weight matrices on the device, in slices that a binding can hold. Every format but f32 is unpacked in the kernels;
// weightWriter.ts fills the slices.

import { FacetError } from "../../lib/errors.ts";
import { rowBytes } from "../../lib/precision.ts";
import type { Precision } from "../../lib/report.ts";
import type { Weight, WeightSpec } from "../backend.ts";
import { keptFormat } from "../keptFormat.ts";
import type { DeviceBuffer } from "./pool.ts";
import type { Runner } from "./runner.ts";

/** Kernels read W_enc four rows at a time, so slices begin at multiples of four. */
const ROWS_TOGETHER = 4;

/** Whole rows [firstRow, firstRow + rows) of a matrix. */
export interface Slice {
  readonly firstRow: number;
  readonly rows: number;
  readonly buffer: DeviceBuffer;
}

export class GpuWeight implements Weight {
  readonly label: string;
  readonly rows: number;
  readonly cols: number;
  readonly format: Precision;
  readonly bytes: number;
  readonly #runner: Runner;
  #slices: readonly Slice[] | null;

  constructor(runner: Runner, spec: WeightSpec, slices: readonly Slice[]) {
    this.#runner = runner;
    this.label = spec.label;
    this.rows = spec.rows;
    this.cols = spec.cols;
    this.format = keptFormat(spec);
    this.bytes = spec.rows * rowBytes(this.format, spec.cols);
    this.#slices = slices;
  }

  get slices(): readonly Slice[] {
    if (this.#slices === null)
      throw new Error(`The weight ${this.label} was used after its disposal`);
    return this.#slices;
  }

  dispose(): void {
    for (const { buffer } of this.#slices ?? []) this.#runner.pool.drop(buffer);
    this.#slices = null;
  }
}

/** The weight as ours; another backend's is a mistake in the caller. */
export function gpuWeight(weight: Weight): GpuWeight {
  if (weight instanceof GpuWeight) return weight;
  throw new TypeError("A weight of another backend was given to WebGPU");
}

/** Which rows go in which slice, each of at most `maxBytes`. */
export function planSlices(
  spec: WeightSpec,
  maxBytes: number,
): { firstRow: number; rows: number; bytes: number }[] {
  const { label, rows, cols } = spec;
  const format = keptFormat(spec);
  const whole = [rows, cols].every((n) => Number.isSafeInteger(n) && n > 0);
  if (!whole || cols % 4 !== 0 || !Number.isSafeInteger(rows * cols * 4)) {
    throw new FacetError(
      "Unsupported",
      `Loading ${label}: a matrix of ${rows} × ${cols}; WebGPU needs whole rows of a multiple of 4 values.`,
    );
  }
  const bytes = rowBytes(format, cols);
  const fitting = Math.floor(maxBytes / bytes);
  const step = Math.min(rows, fitting - (fitting % ROWS_TOGETHER));
  if (step === 0) {
    throw new FacetError(
      "Unsupported",
      `Loading ${label}: its rows of ${bytes} bytes are too long for the ${maxBytes} bytes a binding holds.`,
    );
  }
  const slices = [];
  for (let firstRow = 0; firstRow < rows; firstRow += step) {
    const count = Math.min(step, rows - firstRow);
    slices.push({ firstRow, rows: count, bytes: count * bytes });
  }
  return slices;
}
