// Whether an operation's output is right: a sample of it, the corners included, beside the same sums in float64. Whatever
// is not sampled must at least be finite. Inputs change from run to run, so that what an earlier run left proves nothing.

import type { SparseRows } from "../../../src/backend/backend.ts";
import { LOGIT_STATS_COLUMNS } from "../../../src/backend/backend.ts";
import { isQuantFormat, roundToFormat } from "../../../src/lib/quantize.ts";
import type { Precision } from "../../../src/lib/report.ts";
import { featureAt, INPUT_SEEDS, type Output, SEEDS, targetAt } from "./contender.ts";
import {
  type Encode,
  ENCODER_BIAS,
  GEMMA_2B,
  L0,
  LOSS_TILE,
  type Operation,
  type Stack,
} from "./operations.ts";
import { INPUT_AMPLITUDE, valueAt, values, weightAmplitude } from "./values.ts";

/** Absolute below 1, relative above; sums of at most 16384 products in f32 are some 1e-5 off. */
const TOLERANCE = 1e-3;
const ROWS = 4;
const COLUMNS = 48;

const { dModel, heads, kvHeads, headDim, theta, eps } = GEMMA_2B;

/** What one product deep can be told from its inputs; expectedStack.ts has the rest. */
type Checked = Exclude<Operation, Stack>;

/** Throws where the output of a run with this seed is not what it should be. */
export function assertRight(
  operation: Checked,
  format: Precision,
  seed: number,
  output: Output,
): void {
  if (!(output instanceof Float32Array)) {
    if (operation.kind !== "encode") throw new Error(`${operation.name} gave features`);
    assertFeatures(operation, seed, output);
    return;
  }
  const cols = columnsOf(operation);
  if (output.length !== operation.T * cols) {
    throw new Error(`${output.length} values, not ${operation.T} × ${cols}`);
  }
  if (!output.every(Number.isFinite)) throw new Error("a value is not finite");
  for (const t of spaced(operation.T, ROWS)) {
    const entry = rowOf(operation, format, seed, t);
    for (const c of spaced(cols, COLUMNS)) {
      assertNear(output[t * cols + c] ?? NaN, entry(c), `row ${t}, column ${c}`);
    }
  }
}

export function assertNear(found: number, wanted: number, where: string): void {
  if (Math.abs(found - wanted) <= TOLERANCE * Math.max(1, Math.abs(wanted))) return;
  throw new Error(`${where} is ${found}, not ${wanted}`);
}

/** Up to `count` of 0…n − 1, both ends among them. */
export const spaced = (n: number, count: number): number[] => [
  ...new Set(Array.from({ length: count }, (_, i) => Math.round((i * (n - 1)) / (count - 1)))),
];

function columnsOf(operation: Checked): number {
  switch (operation.kind) {
    case "linear":
    case "gatedMlp":
    case "encode":
    case "decode":
      return operation.N;
    case "attention":
      return heads * headDim;
    case "rmsNorm":
      return dModel;
    case "loss":
      return LOGIT_STATS_COLUMNS;
  }
}

/** Row t of the output, by column. */
function rowOf(
  operation: Checked,
  format: Precision,
  seed: number,
  t: number,
): (column: number) => number {
  const input = (cols: number, which = 0): Float32Array =>
    values(seed + which, t * cols, cols, INPUT_AMPLITUDE);
  switch (operation.kind) {
    case "linear": {
      const x = input(operation.K);
      return (n) => dot(x, weightRow(SEEDS.weight, n, operation.K, format));
    }
    case "gatedMlp": {
      const x = input(operation.K);
      return (n) =>
        gelu(dot(x, weightRow(SEEDS.weight, n, operation.K, format))) *
        dot(x, weightRow(SEEDS.second, n, operation.K, format));
    }
    case "encode": {
      const x = input(operation.K);
      return (n) => Math.max(0, preActivation(operation, x, n) + ENCODER_BIAS);
    }
    case "decode": {
      const { K, N } = operation;
      return (c) => {
        let sum = 0;
        for (let j = 0; j < L0; j++) {
          const feature = featureAt(t, j, K, L0);
          const strength = Math.abs(valueAt(seed, t * L0 + j, INPUT_AMPLITUDE));
          sum += strength * valueAt(SEEDS.weight, feature * N + c, weightAmplitude(L0));
        }
        return sum;
      };
    }
    case "rmsNorm": {
      const x = input(dModel);
      const scale = 1 / Math.sqrt(dot(x, x) / dModel + eps);
      return (c) => (x[c] ?? NaN) * scale * (1 + valueAt(SEEDS.gain, c, 0.5));
    }
    case "attention":
      return attentionRow(seed, t);
    case "loss":
      return lossRow(seed, t, format);
  }
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? NaN) * (b[i] ?? NaN);
  return sum;
}

/** Row n of W [N, K], rounded as the format rounds it. */
export function weightRow(seed: number, n: number, K: number, format: Precision): Float32Array {
  const row = values(seed, n * K, K, weightAmplitude(K));
  if (isQuantFormat(format)) roundToFormat(format, row, K, "a row");
  return row;
}

export const gelu = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/** x·W_enc of one feature; W_enc [K, N]. */
function preActivation({ K, N }: Encode, x: Float32Array, n: number): number {
  let sum = 0;
  for (let k = 0; k < K; k++) {
    sum += (x[k] ?? NaN) * valueAt(SEEDS.weight, k * N + n, weightAmplitude(K));
  }
  return sum;
}

/** Every pair of the sampled rows, and samples of what is off. */
function assertFeatures(operation: Encode, seed: number, found: SparseRows): void {
  const { T, K, N } = operation;
  if (found.rowStart.length !== T + 1) throw new Error(`${found.rowStart.length - 1} rows`);
  for (const t of spaced(T, ROWS)) {
    const x = values(seed, t * K, K, INPUT_AMPLITUDE);
    const on = new Map<number, number>();
    for (let i = found.rowStart[t] ?? 0; i < (found.rowStart[t + 1] ?? 0); i++) {
      on.set(found.index[i] ?? -1, found.value[i] ?? NaN);
    }
    for (const n of new Set([...on.keys(), ...spaced(N, COLUMNS)])) {
      const wanted = Math.max(0, preActivation(operation, x, n) + ENCODER_BIAS);
      assertNear(on.get(n) ?? 0, wanted, `token ${t}, feature ${n}`);
    }
  }
}

/** Half-split rotation of a head at a position. */
export function rotated(x: Float32Array, position: number): Float64Array {
  const half = headDim / 2;
  const out = new Float64Array(headDim);
  for (let i = 0; i < half; i++) {
    const angle = position * theta ** (-i / half);
    const [a, b] = [x[i] ?? NaN, x[i + half] ?? NaN];
    out[i] = a * Math.cos(angle) - b * Math.sin(angle);
    out[i + half] = b * Math.cos(angle) + a * Math.sin(angle);
  }
  return out;
}

function attentionRow(seed: number, t: number): (column: number) => number {
  const width = kvHeads * headDim;
  const keys = Array.from({ length: t + 1 }, (_, s) =>
    rotated(values(seed + INPUT_SEEDS.second, s * width, width, INPUT_AMPLITUDE), s),
  );
  const mixed = Array.from({ length: heads }, (_, head) => {
    const start = (t * heads + head) * headDim;
    const q = rotated(values(seed, start, headDim, INPUT_AMPLITUDE), t);
    const scores = keys.map(
      (key) => key.reduce((sum, value, i) => sum + value * (q[i] ?? NaN), 0) / Math.sqrt(headDim),
    );
    const top = Math.max(...scores);
    const weights = scores.map((score) => Math.exp(score - top));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return (i: number): number =>
      weights.reduce(
        (sum, weight, s) =>
          sum +
          (weight / total) * valueAt(seed + INPUT_SEEDS.third, s * width + i, INPUT_AMPLITUDE),
        0,
      );
  });
  return (column) => mixed[Math.floor(column / headDim)]?.(column % headDim) ?? NaN;
}

/** In the order of LOGIT_STATS. */
function lossRow(seed: number, t: number, format: Precision): (column: number) => number {
  const stream = (which: number): Float32Array =>
    values(seed + which, t * dModel, dModel, INPUT_AMPLITUDE);
  const [x, y] = [stream(INPUT_SEEDS.first), stream(INPUT_SEEDS.second)];
  const [a, b] = [new Float64Array(LOSS_TILE), new Float64Array(LOSS_TILE)];
  for (let n = 0; n < LOSS_TILE; n++) {
    const row = weightRow(SEEDS.weight, n, dModel, format);
    a[n] = dot(x, row);
    b[n] = dot(y, row);
  }
  const lse = (logits: Float64Array): number =>
    Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
  const target = targetAt(t, LOSS_TILE);
  const lseA = lse(a);
  const mean = (of: (n: number) => number): number =>
    a.reduce((sum, logit, n) => sum + Math.exp(logit - lseA) * of(n), 0);
  const row = [
    lseA,
    a[target] ?? NaN,
    mean((n) => a[n] ?? NaN),
    lse(b),
    b[target] ?? NaN,
    mean((n) => (a[n] ?? NaN) - (b[n] ?? NaN)),
  ];
  return (column) => row[column] ?? NaN;
}
