// What an edit must make of the residual, in float64 from the SAE's own files: out = x + decode(f') − decode(f).
// Shares nothing with src/ but what parses files.

import type { RowNormalization } from "../../src/backend/backend.ts";
import type { Edit } from "../../src/lib/edits.ts";
import * as reference from "../reference/ops.ts";
import { type Active, at, build, type Matrix } from "../reference/ops.ts";
import { saeFile } from "./tinyModels.ts";

/** An SAE's decoder and its normalisation. */
export interface DecoderFiles {
  readonly normalization: RowNormalization;
  readonly W_dec: Matrix;
  readonly b_dec: Matrix;
  /** What multiplies f before W_dec, [1, d_sae]; null: nothing. */
  readonly featureScale: Matrix | null;
}

export const matrix = (values: ArrayLike<number>, cols: number): Matrix =>
  build(values.length / cols, cols, (r, c) => values[r * cols + c] ?? NaN);

export async function decoderFiles(kind: string, dIn: number): Promise<DecoderFiles> {
  const { config, normScalingFactor, tensor } = await saeFile(kind);
  const W_dec = matrix(await tensor("W_dec"), dIn);
  const normalization: RowNormalization =
    config.normalizeActivations !== "expected_average_only_in"
      ? { kind: config.normalizeActivations }
      : normScalingFactor === null
        ? { kind: "none" }
        : { kind: "scale", factor: normScalingFactor };
  const norm = (i: number): number => {
    let squares = 0;
    for (let c = 0; c < dIn; c++) squares += at(W_dec, i, c) ** 2;
    return Math.sqrt(squares);
  };
  const scaling = config.finetuningScalingFactor
    ? matrix(await tensor("scaling_factor"), config.dSae)
    : null;
  const featureScale = config.rescaleActsByDecoderNorm
    ? build(1, config.dSae, (_, i) => 1 / norm(i))
    : scaling;
  return { normalization, W_dec, b_dec: matrix(await tensor("b_dec"), dIn), featureScale };
}

/** The features of the golden that fire, strongest total first. */
export function firing(f: Matrix): number[] {
  const totals = Array.from({ length: f.cols }, (_, i) =>
    Array.from({ length: f.rows }, (__, t) => at(f, t, i)).reduce((sum, value) => sum + value, 0),
  );
  return [...totals.keys()]
    .filter((i) => (totals[i] ?? 0) > 0)
    .toSorted((a, b) => (totals[b] ?? 0) - (totals[a] ?? 0));
}

/** One edit at the positions where `here` says so; x [T, d_in], f [T, d_sae]. */
export function edited(
  x: Matrix,
  f: Matrix,
  files: DecoderFiles,
  { feature, mode, value = 0 }: Edit,
  here: (t: number) => boolean,
  steerUnit: number,
): Matrix {
  const { undo } = reference.normalizeRows(x, files.normalization, null);
  const active = (values: Matrix): Active[] =>
    Array.from({ length: values.rows }, (_, t) =>
      Array.from({ length: values.cols }, (__, index) => ({ index, value: at(values, t, index) })),
    );
  const decoded = (values: Matrix): Matrix =>
    reference.decode(active(values), files.W_dec, files.b_dec, files.featureScale, undo);
  const changed = build(f.rows, f.cols, (t, i) => {
    const own = at(f, t, i);
    if (i !== feature || !here(t)) return own;
    return { ablate: 0, clamp: value, scale: value * own, steer: own }[mode];
  });
  const [before, after] = [decoded(f), decoded(changed)];
  let norm = 0;
  for (let c = 0; c < x.cols; c++) norm += at(files.W_dec, feature, c) ** 2;
  const steer = mode === "steer" ? (value * steerUnit) / Math.sqrt(norm) : 0;
  return build(
    x.rows,
    x.cols,
    (t, c) =>
      at(x, t, c) +
      (at(after, t, c) - at(before, t, c)) +
      (here(t) ? steer * at(files.W_dec, feature, c) : 0),
  );
}

/** x − Σ f_i·W_dec,i, mapped back: what is left when every active feature is ablated. */
export function withoutFeatures(x: Matrix, f: Matrix, files: DecoderFiles): Matrix {
  const { undo } = reference.normalizeRows(x, files.normalization, null);
  return build(x.rows, x.cols, (t, c) => {
    let sum = 0;
    for (let i = 0; i < f.cols; i++) {
      const scale = files.featureScale === null ? 1 : at(files.featureScale, 0, i);
      sum += at(f, t, i) * scale * at(files.W_dec, i, c);
    }
    return at(x, t, c) - sum * at(undo, t, 0);
  });
}
