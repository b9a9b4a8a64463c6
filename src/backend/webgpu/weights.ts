// Weight matrices on the device, in slices that a binding can hold, filled by bytes that arrive in any pieces.
// The bytes stay as the file has them: bf16 and f16 are unpacked in the kernels.

import { FacetError } from "../../lib/errors.ts";
import type { Weight, WeightSpec, WeightWriter } from "../backend.ts";
import type { DeviceBuffer } from "./pool.ts";
import type { Runner } from "./runner.ts";

export type StoredFormat = WeightSpec["format"];

const VALUE_BYTES: Readonly<Record<StoredFormat, number>> = { f32: 4, bf16: 2, f16: 2 };
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
  readonly format: StoredFormat;
  readonly bytes: number;
  readonly #runner: Runner;
  #slices: readonly Slice[] | null;

  constructor(runner: Runner, spec: WeightSpec, slices: readonly Slice[]) {
    this.#runner = runner;
    this.label = spec.label;
    this.rows = spec.rows;
    this.cols = spec.cols;
    this.format = spec.format;
    this.bytes = spec.rows * spec.cols * VALUE_BYTES[spec.format];
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
  const { label, rows, cols, format } = spec;
  const whole = [rows, cols].every((n) => Number.isSafeInteger(n) && n > 0);
  if (!whole || cols % 4 !== 0 || !Number.isSafeInteger(rows * cols * 4)) {
    throw new FacetError(
      "Unsupported",
      `Loading ${label}: a matrix of ${rows} × ${cols}; WebGPU needs whole rows of a multiple of 4 values.`,
    );
  }
  const rowBytes = cols * VALUE_BYTES[format];
  const fitting = Math.floor(maxBytes / rowBytes);
  const step = Math.min(rows, fitting - (fitting % ROWS_TOGETHER));
  if (step === 0) {
    throw new FacetError(
      "Unsupported",
      `Loading ${label}: its rows of ${rowBytes} bytes are too long for the ${maxBytes} bytes a binding holds.`,
    );
  }
  const slices = [];
  for (let firstRow = 0; firstRow < rows; firstRow += step) {
    const count = Math.min(step, rows - firstRow);
    slices.push({ firstRow, rows: count, bytes: count * rowBytes });
  }
  return slices;
}

export function writeWeight(runner: Runner, spec: WeightSpec): WeightWriter {
  const slices = planSlices(spec, runner.limits.bindingBytes).map(({ firstRow, rows, bytes }) => ({
    firstRow,
    rows,
    buffer: runner.pool.make(bytes, `${spec.label} [${firstRow}, ${firstRow + rows})`),
  }));
  const weight = new GpuWeight(runner, spec, slices);
  // The device takes multiples of four bytes; up to three wait here for the next piece.
  const carry = new Uint8Array(4);
  let carried = 0;
  let received = 0;
  let current = 0;
  let offset = 0;

  /** `bytes`, a multiple of four, over the ends of slices. */
  const put = (bytes: Uint8Array): void => {
    let rest = bytes;
    while (rest.length > 0) {
      const slice = slices[current];
      if (!slice) throw new Error(`${spec.label}: no slice for byte ${received}`);
      const count = Math.min(rest.length, slice.buffer.bytes - offset);
      runner.write(slice.buffer, offset, rest.subarray(0, count));
      rest = rest.subarray(count);
      offset += count;
      if (offset === slice.buffer.bytes) [current, offset] = [current + 1, 0];
    }
  };

  const fail = (found: string): FacetError => {
    weight.dispose();
    return new FacetError(
      "Format",
      `Loading ${spec.label}: ${spec.rows} × ${spec.cols} in ${spec.format} is ${weight.bytes} bytes, ${found}. The file does not hold what its header says.`,
    );
  };

  return {
    write(bytes) {
      if (received + bytes.length > weight.bytes) throw fail("more arrived");
      received += bytes.length;
      let rest = bytes;
      if (carried > 0) {
        const count = Math.min(4 - carried, rest.length);
        carry.set(rest.subarray(0, count), carried);
        carried += count;
        rest = rest.subarray(count);
        if (carried < 4) return;
        put(carry);
        carried = 0;
      }
      const aligned = rest.length - (rest.length % 4);
      put(rest.subarray(0, aligned));
      carry.set(rest.subarray(aligned));
      carried = rest.length - aligned;
    },
    finish() {
      if (received !== weight.bytes) throw fail(`${received} arrived`);
      return weight;
    },
    abort: () => weight.dispose(),
  };
}
