// What is computed row by row: RMS norm, the SAE's normalisations, sums of squares.

import {
  type Rank,
  type Tensor2D,
  add,
  concat,
  div,
  fill,
  maximum,
  mean,
  mul,
  rsqrt,
  sqrt,
  square,
  sub,
  sum,
  tensor2d,
} from "@tensorflow/tfjs-core";
import { defined } from "../../lib/defined.ts";
import type { RowNormalization } from "../backend.ts";
import type { Device } from "./device.ts";

/** x · rsqrt(mean(x²) + eps) · gain: x [T, d], gain [1, d]. */
export function rmsNorm(device: Device, x: Tensor2D, gain: Tensor2D, eps: number): Tensor2D {
  if (device.view !== null) return tensor2d(rmsNormInPlace(device.view, x, gain, eps), x.shape);
  const meanSquare = mean<Tensor2D>(square(x), 1, true); // [T, 1]
  return mul(mul(x, rsqrt(add(meanSquare, eps))), gain);
}

/** Two passes over the values where they lie, in place of six operations; sums in float64. */
function rmsNormInPlace(
  view: NonNullable<Device["view"]>,
  x: Tensor2D,
  gain: Tensor2D,
  eps: number,
): Float32Array {
  const [T, d] = x.shape;
  const [values, gains] = [view(x), view(gain)];
  const out = new Float32Array(T * d);
  for (let start = 0; start < T * d; start += d) {
    let squares = 0;
    for (let i = start; i < start + d; i++) squares += defined(values[i]) ** 2;
    const scale = 1 / Math.sqrt(squares / d + eps);
    for (let i = 0; i < d; i++) {
      out[start + i] = defined(values[start + i]) * scale * defined(gains[i]);
    }
  }
  return out;
}

/** Smallest norm divided by; a row of zeros stays zero. */
const TINY = 1e-30;

/** Rows in the SAE's space, and [T, 2] to come back: multiply by the first, add the second (docs/maths.md §3.4). */
export function normalizeRows(
  x: Tensor2D,
  how: RowNormalization,
  subtract: Tensor2D | null,
): { rows: Tensor2D; undo: Tensor2D } {
  const { rows, scale, shift } = normalized(x, how);
  return {
    rows: subtract === null ? rows : sub(rows, subtract),
    undo: concat([scale, shift], 1),
  };
}

interface Normalized {
  readonly rows: Tensor2D;
  /** [T, 1] each, of the way back. */
  readonly scale: Tensor2D;
  readonly shift: Tensor2D;
}

function normalized(x: Tensor2D, how: RowNormalization): Normalized {
  const [T, d] = x.shape;
  const column = (value: number): Tensor2D => fill<Rank.R2>([T, 1], value);
  if (how.kind === "none") return { rows: mul(x, 1), scale: column(1), shift: column(0) };
  if (how.kind === "scale") {
    return { rows: mul(x, how.factor), scale: column(1 / how.factor), shift: column(0) };
  }
  if (how.kind === "constant_norm_rescale") {
    const norm = sqrt(sum<Tensor2D>(square(x), 1, true)); // [T, 1]
    const rows = mul<Tensor2D>(div(x, maximum(norm, TINY)), Math.sqrt(d));
    return { rows, scale: div(norm, Math.sqrt(d)), shift: column(0) };
  }
  const center = mean<Tensor2D>(x, 1, true); // [T, 1]
  const centered = sub<Tensor2D>(x, center);
  const deviation = sqrt(div<Tensor2D>(sum(square(centered), 1, true), d - 1)); // unbiased
  return { rows: div(centered, add(deviation, 1e-5)), scale: deviation, shift: center };
}

/** [T, 4] in the order of ROW_STATS: x·x, x·y, y·y, ‖x − y‖². */
export function rowStats(x: Tensor2D, y: Tensor2D): Tensor2D {
  const total = (products: Tensor2D): Tensor2D => sum(products, 1, true);
  return concat(
    [total(square(x)), total(mul(x, y)), total(square(y)), total(square(sub(x, y)))],
    1,
  );
}
