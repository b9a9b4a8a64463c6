// Bytes of a matrix, in the pieces they arrive in, to its slices on the device: as they are, or row by row in the format
// to keep. At most a piece's worth of rows is held here.

import { decodeFloats, f32Bytes, FORMAT_DTYPES } from "../../lib/dtype.ts";
import { FacetError } from "../../lib/errors.ts";
import { rowBytes } from "../../lib/precision.ts";
import { isQuantFormat, type QuantFormat, quantizeRow, rowWords } from "../../lib/quantize.ts";
import type { Precision } from "../../lib/report.ts";
import type { WeightSpec, WeightWriter } from "../backend.ts";
import type { Runner } from "./runner.ts";
import { GpuWeight, planSlices } from "./weights.ts";

/** Values converted at a time: 256 KiB as f32. */
const BATCH_VALUES = 65536;

type Sink = (bytes: Uint8Array) => void;

export function writeWeight(runner: Runner, spec: WeightSpec): WeightWriter {
  const { label, rows, cols, format } = spec;
  const slices = planSlices(spec, runner.limits.bindingBytes).map(({ bytes, ...planned }) => {
    const name = `${label} [${planned.firstRow}, ${planned.firstRow + planned.rows})`;
    return { ...planned, buffer: runner.pool.make(bytes, name) };
  });
  const weight = new GpuWeight(runner, spec, slices);
  const expected = rows * rowBytes(format, cols);
  const put = slicePutter(runner, weight);
  const take =
    weight.format === format
      ? inUnits(4, put) // The device takes multiples of four bytes.
      : inUnits(rowBytes(format, cols), converted(spec, weight.format, put));
  let received = 0;

  const fail = (found: string): FacetError => {
    weight.dispose();
    return new FacetError(
      "Format",
      `Loading ${label}: ${rows} × ${cols} in ${format} is ${expected} bytes, ${found}. The file does not hold what its header says.`,
    );
  };

  return {
    write(bytes) {
      if (received + bytes.length > expected) throw fail("more arrived");
      received += bytes.length;
      take(bytes);
    },
    finish() {
      if (received !== expected) throw fail(`${received} arrived`);
      return weight;
    },
    abort: () => weight.dispose(),
  };
}

/** Writes bytes, multiples of four, one after another over the ends of slices. */
function slicePutter(runner: Runner, weight: GpuWeight): Sink {
  let current = 0;
  let offset = 0;
  return (bytes) => {
    let rest = bytes;
    while (rest.length > 0) {
      const slice = weight.slices[current];
      if (!slice) throw new Error(`${weight.label}: more bytes than its slices hold`);
      const count = Math.min(rest.length, slice.buffer.bytes - offset);
      runner.write(slice.buffer, offset, rest.subarray(0, count));
      rest = rest.subarray(count);
      offset += count;
      if (offset === slice.buffer.bytes) [current, offset] = [current + 1, 0];
    }
  };
}

/** Hands on in whole units what comes in any pieces; less than a unit waits here for the next piece. */
function inUnits(unit: number, put: Sink): Sink {
  const carry = new Uint8Array(unit);
  let carried = 0;
  return (bytes) => {
    let rest = bytes;
    if (carried > 0) {
      const count = Math.min(unit - carried, rest.length);
      carry.set(rest.subarray(0, count), carried);
      carried += count;
      rest = rest.subarray(count);
      if (carried < unit) return;
      put(carry);
    }
    const whole = rest.length - (rest.length % unit);
    if (whole > 0) put(rest.subarray(0, whole));
    carry.set(rest.subarray(whole));
    carried = rest.length - whole;
  };
}

/** Takes whole rows as the file has them and puts them in the format to keep: f32, int8 or int4. */
function converted({ label, cols, format }: WeightSpec, kept: Precision, put: Sink): Sink {
  const step = Math.max(1, Math.floor(BATCH_VALUES / cols));
  const stepBytes = step * rowBytes(format, cols);
  const scratch = new Float32Array(step * cols);
  const putValues = isQuantFormat(kept)
    ? quantized(kept, label, cols, step, put)
    : (values: Float32Array) => put(f32Bytes(values));
  return (rows) => {
    for (let start = 0; start < rows.length; start += stepBytes) {
      const batch = rows.subarray(start, start + stepBytes);
      putValues(decodeFloats(batch, FORMAT_DTYPES[format], label, scratch));
    }
  };
}

/** Takes up to `step` rows at a time. */
function quantized(
  format: QuantFormat,
  label: string,
  cols: number,
  step: number,
  put: Sink,
): (values: Float32Array) => void {
  const length = rowWords(format, cols);
  const words = new Uint32Array(step * length);
  return (values) => {
    const rows = values.length / cols;
    for (let row = 0; row < rows; row++) {
      quantizeRow(format, values, row * cols, cols, words, row * length, label);
    }
    put(new Uint8Array(words.buffer, 0, rows * length * 4));
  };
}
