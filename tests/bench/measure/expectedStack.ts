// Whether a stack of blocks with an encoder behind it computed what it should: the first two tokens in float64, which see
// nothing of the others. All their active features are compared, and some that are off.

import type { Precision } from "../../../src/lib/report.ts";
import { type Output, SEEDS } from "./contender.ts";
import { assertNear, dot, gelu, rotated, spaced, weightRow } from "./expected.ts";
import { ENCODER_BIAS, GEMMA_2B, type Stack } from "./operations.ts";
import { BLOCK_SEEDS, BLOCK_SHAPES, type BlockMatrix, streamDeviation } from "./stack.ts";
import { INPUT_AMPLITUDE, valueAt, values, weightAmplitude } from "./values.ts";

const ROWS = 2;
const OFF = 48;
const { dModel, heads, headDim, dSae, eps } = GEMMA_2B;

/** Throws where the features of the first tokens are not what they should be. */
export function assertStackRight(
  { T, blocks }: Stack,
  format: Precision,
  seed: number,
  output: Output,
): void {
  const rows = Array.from({ length: Math.min(T, ROWS) }, (_, t) =>
    values(seed, t * dModel, dModel, INPUT_AMPLITUDE),
  );
  let stream: readonly Float32Array[] = rows;
  for (let i = 0; i < blocks; i++) stream = block(stream, format);
  const amplitude = weightAmplitude(dModel) / streamDeviation(blocks);
  stream.forEach((x, t) => {
    const found = activeIn(output, t);
    for (const n of new Set([...found.keys(), ...spaced(dSae, OFF)])) {
      let sum = 0;
      for (let k = 0; k < dModel; k++) {
        sum += (x[k] ?? NaN) * valueAt(SEEDS.weight, k * dSae + n, amplitude);
      }
      const wanted = Math.max(0, sum + ENCODER_BIAS);
      assertNear(found.get(n) ?? 0, wanted, `token ${t}, feature ${n}`);
    }
  });
}

function activeIn(output: Output, t: number): Map<number, number> {
  const found = new Map<number, number>();
  if (output instanceof Float32Array) {
    for (let n = 0; n < dSae; n++) {
      const value = output[t * dSae + n] ?? NaN;
      if (!(value <= 0)) found.set(n, value);
    }
    return found;
  }
  for (let i = output.rowStart[t] ?? 0; i < (output.rowStart[t + 1] ?? 0); i++) {
    found.set(output.index[i] ?? -1, output.value[i] ?? NaN);
  }
  return found;
}

/** x of the first rows → the stream after a block (docs/maths.md §1). */
function block(x: readonly Float32Array[], format: Precision): Float32Array[] {
  const times = (name: BlockMatrix, input: readonly Float32Array[]) => {
    const [N, K] = BLOCK_SHAPES[name];
    const out = input.map(() => new Float32Array(N));
    for (let n = 0; n < N; n++) {
      const row = weightRow(BLOCK_SEEDS[name], n, K, format);
      input.forEach((one, t) => {
        const to = out[t];
        if (to) to[n] = dot(one, row);
      });
    }
    return out;
  };
  const n = x.map(normed);
  const [q, k, v] = [times("q", n), times("k", n), times("v", n)];
  const keys = k.map((key, s) => rotated(key, s));
  const mixed = q.map((queries, t) => {
    const out = new Float32Array(heads * headDim);
    for (let head = 0; head < heads; head++) {
      const query = rotated(queries.subarray(head * headDim, (head + 1) * headDim), t);
      const weights = keys.slice(0, t + 1).map((key) => {
        const score = key.reduce((sum, value, i) => sum + value * (query[i] ?? NaN), 0);
        return Math.exp(score / Math.sqrt(headDim));
      });
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      weights.forEach((weight, s) => {
        for (let i = 0; i < headDim; i++) {
          const at = head * headDim + i;
          out[at] = (out[at] ?? 0) + (weight / total) * (v[s]?.[i] ?? NaN);
        }
      });
    }
    return out;
  });
  const h = added(times("o", mixed), x);
  const m = h.map(normed);
  const [gate, up] = [times("gate", m), times("up", m)];
  const gated = gate.map((row, t) => row.map((value, i) => gelu(value) * (up[t]?.[i] ?? NaN)));
  return added(times("down", gated), h);
}

function normed(x: Float32Array): Float32Array {
  const scale = 1 / Math.sqrt(dot(x, x) / x.length + eps);
  return x.map((value, i) => value * scale * (1 + valueAt(SEEDS.gain, i, 0.5)));
}

const added = (a: readonly Float32Array[], b: readonly Float32Array[]): Float32Array[] =>
  a.map((row, t) => row.map((value, i) => value + (b[t]?.[i] ?? NaN)));
