// Every operation of a backend, written as plainly as possible in float64 on plain arrays: the answer that
// both backends are tested against. Not fast, and not shared with them: nothing here is imported by src/.

import type {
  AttentionHeads,
  AttentionSpec,
  CachedAttentionSpec,
  RowNormalization,
} from "../../src/backend/backend.ts";
import type { GeluKind } from "../../src/lib/report.ts";

/** Row-major [rows, cols]. */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
}

export function zeros(rows: number, cols: number): Matrix {
  return { rows, cols, data: new Float64Array(rows * cols) };
}

export function at(m: Matrix, row: number, col: number): number {
  const value = m.data[row * m.cols + col];
  if (value === undefined) throw new RangeError(`[${row}, ${col}] of [${m.rows}, ${m.cols}]`);
  return value;
}

/** The matrix whose entries are `entry(row, col)`. */
export function build(
  rows: number,
  cols: number,
  entry: (row: number, col: number) => number,
): Matrix {
  const m = zeros(rows, cols);
  for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) m.data[r * cols + c] = entry(r, c);
  return m;
}

function sum(n: number, term: (i: number) => number): number {
  let total = 0;
  for (let i = 0; i < n; i++) total += term(i);
  return total;
}

export function gather(W: Matrix, ids: Uint32Array, scale: number): Matrix {
  return build(ids.length, W.cols, (t, c) => at(W, ids[t] ?? -1, c) * scale);
}

export function rmsNorm(x: Matrix, gain: Matrix, eps: number): Matrix {
  return build(x.rows, x.cols, (t, c) => {
    const meanSquare = sum(x.cols, (i) => at(x, t, i) ** 2) / x.cols;
    return (at(x, t, c) / Math.sqrt(meanSquare + eps)) * at(gain, 0, c);
  });
}

/** x·Wᵀ (+ add). */
export function linear(x: Matrix, W: Matrix, add?: Matrix): Matrix {
  return build(
    x.rows,
    W.rows,
    (t, n) => sum(x.cols, (k) => at(x, t, k) * at(W, n, k)) + (add ? at(add, t, n) : 0),
  );
}

/** Half-split rotation of one head: component i rotates with component i + headDim/2. */
function rotated(
  x: Matrix,
  row: number,
  offset: number,
  position: number,
  spec: AttentionHeads,
): number[] {
  const half = spec.headDim / 2;
  const out = new Array<number>(spec.headDim);
  for (let i = 0; i < half; i++) {
    const angle = position * spec.theta ** (-i / half);
    const [a, b] = [at(x, row, offset + i), at(x, row, offset + i + half)];
    out[i] = a * Math.cos(angle) - b * Math.sin(angle);
    out[i + half] = b * Math.cos(angle) + a * Math.sin(angle);
  }
  return out;
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  sum(a.length, (i) => (a[i] ?? NaN) * (b[i] ?? NaN));

export function attention(q: Matrix, k: Matrix, v: Matrix, spec: AttentionSpec): Matrix {
  const { heads, kvHeads, headDim } = spec;
  const out = zeros(q.rows, heads * headDim);
  let first = 0;
  for (const length of spec.contexts) {
    for (let h = 0; h < heads; h++) {
      const kv = Math.floor(h / (heads / kvHeads)) * headDim;
      const keys = Array.from({ length }, (_, s) => rotated(k, first + s, kv, s, spec));
      for (let t = 0; t < length; t++) {
        const query = rotated(q, first + t, h * headDim, t, spec);
        const scores = keys.slice(0, t + 1).map((key) => dot(query, key) / Math.sqrt(headDim));
        const p = softmax(scores);
        for (let c = 0; c < headDim; c++) {
          out.data[(first + t) * out.cols + h * headDim + c] = sum(
            t + 1,
            (s) => (p[s] ?? NaN) * at(v, first + s, kv + c),
          );
        }
      }
    }
    first += length;
  }
  return out;
}

/** Cache rows: every head's rotated key and value, in order. */
export interface CachedRow {
  readonly key: readonly number[];
  readonly value: readonly number[];
}

/** Stores into `cache`, then attends. */
export function cachedAttention(
  q: Matrix,
  k: Matrix,
  v: Matrix,
  cache: CachedRow[],
  spec: CachedAttentionSpec,
): Matrix {
  const { heads, kvHeads, headDim } = spec;
  const rowsSeen: number[][] = [];
  for (const { shared, first, past, rows } of spec.contexts) {
    for (let i = 0; i < rows; i++) {
      const t = rowsSeen.length;
      const key = Array.from({ length: kvHeads }, (_, h) =>
        rotated(k, t, h * headDim, shared + past + i, spec),
      ).flat();
      cache[first + past + i] = {
        key,
        value: Array.from({ length: v.cols }, (_, c) => at(v, t, c)),
      };
      rowsSeen.push([
        ...Array.from({ length: shared }, (_, s) => s),
        ...Array.from({ length: past + i + 1 }, (_, s) => first + s),
      ]);
    }
  }
  const out = zeros(q.rows, heads * headDim);
  rowsSeen.forEach((seen, t) => {
    for (let h = 0; h < heads; h++) {
      const kv = Math.floor(h / (heads / kvHeads)) * headDim;
      const query = rotated(q, t, h * headDim, seen.length - 1, spec);
      const scores = seen.map(
        (row) => dot(query, cache[row]?.key.slice(kv, kv + headDim) ?? []) / Math.sqrt(headDim),
      );
      const p = softmax(scores);
      for (let c = 0; c < headDim; c++) {
        out.data[t * out.cols + h * headDim + c] = sum(
          seen.length,
          (s) => (p[s] ?? NaN) * (cache[seen[s] ?? -1]?.value[kv + c] ?? NaN),
        );
      }
    }
  });
  return out;
}

export function softmax(logits: readonly number[]): number[] {
  const max = logits.reduce((m, x) => Math.max(m, x), -Infinity);
  const e = logits.map((x) => Math.exp(x - max));
  const total = e.reduce((s, x) => s + x, 0);
  return e.map((x) => x / total);
}

/**
 * erf by its Maclaurin series (|x| < 3) or the continued fraction of erfc (Lentz), both to about 1e-15.
 * Abramowitz & Stegun 7.1.5 and 7.1.14.
 */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a >= 6) return Math.sign(x);
  if (a < 3) {
    let term = a;
    let total = a;
    for (let n = 1; n < 100; n++) {
      term *= (-a * a) / n;
      total += term / (2 * n + 1);
    }
    return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * total;
  }
  let fraction = a;
  for (let n = 60; n >= 1; n--) fraction = a + n / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * fraction));
}

export function gelu(x: number, kind: GeluKind): number {
  if (kind === "erf") return 0.5 * x * (1 + erf(x / Math.SQRT2));
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

export function gatedMlp(x: Matrix, gate: Matrix, up: Matrix, act: GeluKind): Matrix {
  const g = linear(x, gate);
  const u = linear(x, up);
  return build(g.rows, g.cols, (t, c) => gelu(at(g, t, c), act) * at(u, t, c));
}

/** Rows in the SAE's space, and [T, 2] to come back: multiply by the first, add the second. */
export function normalizeRows(
  x: Matrix,
  how: RowNormalization,
  subtract: Matrix | null,
): { rows: Matrix; undo: Matrix } {
  const d = x.cols;
  const shift = new Array<number>(x.rows).fill(0);
  const scale = new Array<number>(x.rows).fill(1);
  const undo = zeros(x.rows, 2);
  for (let t = 0; t < x.rows; t++) {
    let [factor, back, add] = [1, 1, 0];
    if (how.kind === "scale") [factor, back] = [how.factor, 1 / how.factor];
    if (how.kind === "constant_norm_rescale") {
      const norm = Math.sqrt(sum(d, (c) => at(x, t, c) ** 2));
      // A row of zeros has no direction to rescale: it stays zero both ways.
      [factor, back] = norm === 0 ? [0, 0] : [Math.sqrt(d) / norm, norm / Math.sqrt(d)];
    }
    if (how.kind === "layer_norm") {
      const mean = sum(d, (c) => at(x, t, c)) / d;
      const deviation = Math.sqrt(sum(d, (c) => (at(x, t, c) - mean) ** 2) / (d - 1));
      [factor, back, add] = [1 / (deviation + 1e-5), deviation, mean];
      shift[t] = mean;
    }
    scale[t] = factor;
    undo.data.set([back, add], 2 * t);
  }
  const rows = build(
    x.rows,
    d,
    (t, c) =>
      (at(x, t, c) - (shift[t] ?? NaN)) * (scale[t] ?? NaN) - (subtract ? at(subtract, 0, c) : 0),
  );
  return { rows, undo };
}

/** One row's active features, index ascending; raw activations. */
export type Active = { index: number; value: number }[];

/** affine [4, d_sae]: gateBias, threshold, scale, bias. */
export function encode(x: Matrix, W_enc: Matrix, affine: Matrix, k: number | null): Active[] {
  return Array.from({ length: x.rows }, (_, t) => {
    const all: (Active[number] & { on: boolean })[] = [];
    for (let i = 0; i < W_enc.cols; i++) {
      const a = sum(x.cols, (c) => at(x, t, c) * at(W_enc, c, i));
      const on = a + at(affine, 0, i) > at(affine, 1, i);
      all.push({ index: i, value: a * at(affine, 2, i) + at(affine, 3, i), on });
    }
    const ranked = all.toSorted((p, q) => q.value - p.value || p.index - q.index);
    return ranked
      .slice(0, k ?? all.length)
      .filter((f) => f.on && f.value > 0)
      .map(({ index, value }) => ({ index, value }))
      .toSorted((p, q) => p.index - q.index);
  });
}

export function decode(
  active: readonly Active[],
  W_dec: Matrix,
  b_dec: Matrix,
  featureScale: Matrix | null,
  undo: Matrix,
): Matrix {
  return build(active.length, W_dec.cols, (t, c) => {
    const row = active[t] ?? [];
    const sumOfRows = row.reduce(
      (s, f) =>
        s + f.value * (featureScale ? at(featureScale, 0, f.index) : 1) * at(W_dec, f.index, c),
      0,
    );
    return (sumOfRows + at(b_dec, 0, c)) * at(undo, t, 0) + at(undo, t, 1);
  });
}

/** [T, 4]: x·x, x·y, y·y, ‖x − y‖². */
export function rowStats(x: Matrix, y: Matrix): Matrix {
  const out = zeros(x.rows, 4);
  for (let t = 0; t < x.rows; t++) {
    out.data.set(
      [
        sum(x.cols, (c) => at(x, t, c) ** 2),
        sum(x.cols, (c) => at(x, t, c) * at(y, t, c)),
        sum(x.cols, (c) => at(y, t, c) ** 2),
        sum(x.cols, (c) => (at(x, t, c) - at(y, t, c)) ** 2),
      ],
      4 * t,
    );
  }
  return out;
}

/** [T, 6] in the order of LOGIT_STATS; without b its columns are 0. */
export function logitStats(a: Matrix, E: Matrix, targets: Uint32Array, b?: Matrix): Matrix {
  const out = zeros(a.rows, 6);
  const logitsA = linear(a, E);
  const logitsB = b ? linear(b, E) : undefined;
  const lse = (row: readonly number[]): number => {
    const max = row.reduce((m, x) => Math.max(m, x), -Infinity);
    return max + Math.log(row.reduce((s, x) => s + Math.exp(x - max), 0));
  };
  for (let t = 0; t < a.rows; t++) {
    const rowA = Array.from({ length: E.rows }, (_, n) => at(logitsA, t, n));
    const p = softmax(rowA);
    const target = targets[t] ?? -1;
    const meanA = sum(E.rows, (n) => (p[n] ?? NaN) * (rowA[n] ?? NaN));
    out.data.set([lse(rowA), at(logitsA, t, target), meanA], 6 * t);
    if (!logitsB) continue;
    const rowB = Array.from({ length: E.rows }, (_, n) => at(logitsB, t, n));
    const difference = sum(E.rows, (n) => (p[n] ?? NaN) * ((rowA[n] ?? NaN) - (rowB[n] ?? NaN)));
    out.data.set([lse(rowB), at(logitsB, t, target), difference], 6 * t + 3);
  }
  return out;
}
