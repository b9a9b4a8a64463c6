// ‖W_dec,i‖ of every feature, summed in float64 while the matrix's bytes pass by on their way to the device; and which
// features have a direction to speak of.

import type { MatrixSpec, MatrixWriter } from "../formats/load.ts";
import { defined } from "../lib/defined.ts";
import { decodeFloats, DTYPE_BYTES, FORMAT_DTYPES } from "../lib/dtype.ts";

/** The smallest normal f32: shaders may take what is below it for 0, and the inverse of much less is infinite in f32. */
const SMALLEST_NORM = 2 ** -126;

/** 1/‖W_dec,i‖; null of a row of zeros, or as good as zeros: a feature that was pruned or died has no direction. */
export const inverseNorm = (norm: number): number | null =>
  norm < SMALLEST_NORM ? null : 1 / norm;

/** Passes everything on to `writer` and hands the norms of the rows [rows] to `done` at the end. */
export function withRowNorms<M>(
  writer: MatrixWriter<M>,
  { label, rows, cols, format }: MatrixSpec,
  done: (norms: Float64Array) => void,
): MatrixWriter<M> {
  const dtype = FORMAT_DTYPES[format];
  const squares = new Float64Array(rows);
  let element = 0;
  let carry = new Uint8Array(0); // an element cut in two by the end of a piece
  return {
    write(bytes) {
      writer.write(bytes);
      let joined = bytes;
      if (carry.byteLength > 0) {
        joined = new Uint8Array(carry.byteLength + bytes.byteLength);
        joined.set(carry);
        joined.set(bytes, carry.byteLength);
      }
      const whole = joined.byteLength - (joined.byteLength % DTYPE_BYTES[dtype]);
      carry = joined.slice(whole);
      const values = decodeFloats(joined.subarray(0, whole), dtype, label);
      for (let at = 0; at < values.length;) {
        const row = Math.floor(element / cols);
        const end = Math.min(values.length, at + (row + 1) * cols - element);
        element += end - at;
        let sum = defined(squares[row]);
        for (; at < end; at++) sum += defined(values[at]) ** 2;
        squares[row] = sum;
      }
    },
    finish() {
      done(squares.map(Math.sqrt));
      return writer.finish();
    },
    abort: () => writer.abort(),
  };
}
