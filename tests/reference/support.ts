// What the tests of backends share: seeded inputs, uploads, and comparisons with a stated tolerance.
//
// Tolerances: |found − expected| ≤ tolerance · max(1, largest |expected| of the row). Inputs are f32 and weights are
// taken as their format rounds them, so what is left is the rounding of f32 sums.

import { expect } from "vitest";
import type { Backend, SparseRows, Tensor, Weight, WeightSpec } from "../../src/backend/backend.ts";
import type { Precision } from "../../src/lib/report.ts";
import { quantized, store } from "./dtypes.ts";
import { type Active, type Matrix, at, build } from "./ops.ts";

export const FILE_FORMATS = ["f32", "bf16", "f16"] as const;
export const QUANT_FORMATS = ["int8", "int4"] as const;
export const FORMATS = [...FILE_FORMATS, ...QUANT_FORMATS] as const;

/** mulberry32: the same numbers in every run. */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Uniform in ±√3·scale (deviation `scale`), rounded to f32. */
export function random(rows: number, cols: number, seed: number, scale = 1): Matrix {
  const next = randomSource(seed);
  return build(rows, cols, () => Math.fround((2 * next() - 1) * Math.sqrt(3) * scale));
}

/** Whole numbers from -most to most: sums of their products are exact in f32, in any order. */
export function randomIntegers(rows: number, cols: number, seed: number, most: number): Matrix {
  const next = randomSource(seed);
  return build(rows, cols, () => Math.floor(next() * (2 * most + 1)) - most);
}

export function upload(backend: Backend, m: Matrix): Tensor {
  return backend.tensor(Float32Array.from(m.data), m.rows, m.cols);
}

/**
 * Writes the matrix in pieces of the given lengths in bytes, over and over; then in one. int8 and int4 are made by the
 * backend from a file in f32, or in the one given.
 */
export function uploadWeight(
  backend: Backend,
  m: Matrix,
  format: Precision = "f32",
  pieces: readonly number[] = [],
  file?: WeightSpec["format"],
): { weight: Weight; values: Matrix } {
  const quantizes = format === "int8" || format === "int4";
  const inFile = file ?? (quantizes ? "f32" : format);
  const { bytes, values: stored } = store(m, inFile);
  const values = quantizes ? quantized(stored, format) : stored;
  const spec = { label: `test ${format}`, rows: m.rows, cols: m.cols, format: inFile };
  const writer = backend.weight(inFile === format ? spec : { ...spec, keep: format });
  let start = 0;
  for (let i = 0; start < bytes.length; i++) {
    const end = start + (pieces.length === 0 ? bytes.length : (pieces[i % pieces.length] ?? 1));
    writer.write(bytes.subarray(start, Math.min(end, bytes.length)));
    start = end;
  }
  return { weight: writer.finish(), values };
}

/** Fails with the worst entry where the values are further apart than the tolerance (see above). */
export function expectNear(found: Float32Array, expected: Matrix, tolerance: number): void {
  expect(found.length).toBe(expected.data.length);
  let worst = { ratio: 0, row: 0, col: 0, found: 0, expected: 0 };
  for (let r = 0; r < expected.rows; r++) {
    let size = 1;
    for (let c = 0; c < expected.cols; c++) size = Math.max(size, Math.abs(at(expected, r, c)));
    for (let c = 0; c < expected.cols; c++) {
      const f = found[r * expected.cols + c] ?? NaN;
      const e = at(expected, r, c);
      const ratio = Math.abs(f - e) / size;
      if (!(ratio <= worst.ratio)) worst = { ratio, row: r, col: c, found: f, expected: e };
      if (Number.isNaN(ratio)) break;
    }
  }
  expect(
    worst.ratio <= tolerance,
    `worst entry ${JSON.stringify(worst)}, tolerance ${tolerance}`,
  ).toBe(true);
}

export function activeRows(rows: SparseRows): Active[] {
  return Array.from({ length: rows.rowStart.length - 1 }, (_, t) =>
    Array.from(rows.index.subarray(rows.rowStart[t], rows.rowStart[t + 1]), (index, i) => ({
      index,
      value: rows.value[(rows.rowStart[t] ?? NaN) + i] ?? NaN,
    })),
  );
}

/** Same features in the same order, values within 1e-5 relative or absolute. */
export function expectSameFeatures(found: SparseRows, expected: readonly Active[]): void {
  const rows = activeRows(found);
  expect(found.value.length).toBe(found.index.length);
  expect(found.rowStart[expected.length]).toBe(found.index.length);
  expect(rows.map((row) => row.map((f) => f.index))).toEqual(
    expected.map((row) => row.map((f) => f.index)),
  );
  rows.forEach((row, t) =>
    row.forEach((f, i) => {
      const e = expected[t]?.[i]?.value ?? NaN;
      expect(Math.abs(f.value - e)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(e)));
    }),
  );
}

/** [4, d_sae]: gateBias, threshold, scale, bias. */
export function affine(
  dSae: number,
  rows: (feature: number) => [number, number, number, number],
): Matrix {
  return build(4, dSae, (r, i) => rows(i)[r] ?? NaN);
}
