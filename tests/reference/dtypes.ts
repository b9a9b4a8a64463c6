// Float formats as a file has them, made exactly: values rounded to bf16 or f16 and their little-endian bytes.
// And what int8 and int4 make of values. For tests only; src/ has its own and imports nothing from here.

import type { WeightSpec } from "../../src/backend/backend.ts";
import { at, build, type Matrix } from "./ops.ts";

/** Nearest bf16, ties to even, as its 16 bits. */
export function bf16Bits(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  const bits = view.getUint32(0);
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

export function bf16Value(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits << 16);
  return view.getFloat32(0);
}

/** IEEE half, as its 16 bits decode. */
export function f16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A half near `value` (truncated towards zero; finite values below 65504 only). */
export function f16Bits(value: number): number {
  const a = Math.abs(value);
  const sign = value < 0 ? 0x8000 : 0;
  if (a < 2 ** -14) return sign | Math.floor(a * 2 ** 24);
  const exponent = Math.floor(Math.log2(a));
  return sign | ((exponent + 15) << 10) | Math.floor((a / 2 ** exponent - 1) * 1024);
}

/** The matrix as bytes in `format`, and the values that those bytes stand for. */
export function store(
  m: Matrix,
  format: WeightSpec["format"],
): { bytes: Uint8Array; values: Matrix } {
  const data = new Float64Array(m.data.length);
  const width = format === "f32" ? 4 : 2;
  const view = new DataView(new ArrayBuffer(m.data.length * width));
  m.data.forEach((value, i) => {
    if (format === "f32") {
      view.setFloat32(4 * i, value, true);
      data[i] = Math.fround(value);
    } else {
      const bits = format === "bf16" ? bf16Bits(value) : f16Bits(value);
      view.setUint16(2 * i, bits, true);
      data[i] = format === "bf16" ? bf16Value(bits) : f16Value(bits);
    }
  });
  return { bytes: new Uint8Array(view.buffer), values: { rows: m.rows, cols: m.cols, data } };
}

/** [values a scale is for, q from 0 down to, q from 0 up to]: int8 is symmetric. */
const GROUPS = { int8: [64, 127, 127], int4: [32, 8, 7] } as const;

/** What the values are once quantised in groups along the row, each to the nearest q·s (src/lib/quantize.ts). */
export function quantized(m: Matrix, format: "int8" | "int4"): Matrix {
  const [group, down, up] = GROUPS[format];
  return build(m.rows, m.cols, (r, c) => {
    const first = c - (c % group);
    const others = Array.from({ length: Math.min(group, m.cols - first) }, (_, i) =>
      at(m, r, first + i),
    );
    const [least, most] = [Math.min(0, ...others), Math.max(0, ...others)];
    // The further side reaches `down` steps: where that is the positive one, steps are negative.
    const sign = most > -least ? -1 : 1;
    const [far, near] = sign === -1 ? [most, -least] : [-least, most];
    const s = sign * Math.fround(Math.max(far / down, near / up));
    if (Math.abs(s) < 2 ** -126) return 0;
    return Math.fround(Math.floor(at(m, r, c) * (1 / s) + 0.5) * s);
  });
}
