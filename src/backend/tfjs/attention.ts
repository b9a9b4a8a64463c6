// Rotary causal attention within contexts (docs/maths.md §1.4). Query heads that share a key/value head go through one
// product; queries are taken in blocks so that the scores of a long context stay bounded.

import {
  type Rank,
  type Tensor2D,
  type Tensor3D,
  add,
  concat,
  reshape,
  slice,
  softmax,
  tensor2d,
  tidy,
  transpose,
} from "@tensorflow/tfjs-core";
import type { AttentionSpec } from "../backend.ts";
import type { Device } from "./device.ts";
import { batchProduct } from "./products.ts";
import { type RopeTables, rotate } from "./rope.ts";

/** Scores held at a time. */
export const SCORES_AT_A_TIME = 2 ** 22;
/** Added to the score of a later position: exp of it is 0. */
const LATER = -1e30;

/** q [T, heads·headDim], k and v [T, kvHeads·headDim] → [T, heads·headDim]. */
export function attention(
  device: Device,
  q: Tensor2D,
  k: Tensor2D,
  v: Tensor2D,
  spec: AttentionSpec,
  tables: RopeTables,
): Tensor2D {
  const { heads, kvHeads, headDim } = spec;
  const T = q.shape[0];
  const scale = 1 / Math.sqrt(headDim);
  const queries = rotate(device, q, heads, tables, scale);
  const keys = rotate(device, k, kvHeads, tables);
  const values = reshape<Rank.R3>(v, [T, kvHeads, headDim]);

  const parts: Tensor3D[] = [];
  let first = 0;
  for (const length of spec.contexts) {
    const own = (x: Tensor3D): Tensor3D =>
      length === T ? x : slice(x, [first, 0, 0], [length, -1, -1]);
    parts.push(context(device, own(queries), own(keys), own(values)));
    first += length;
  }
  return reshape(joined(parts, 0), [T, heads * headDim]);
}

/**
 * One context: queries [T, heads, headDim] of its last T positions, scaled; keys and values [S, kvHeads, headDim] of all
 * its positions → [T, heads, headDim].
 */
export function context(
  device: Device,
  queries: Tensor3D,
  keys: Tensor3D,
  values: Tensor3D,
): Tensor3D {
  const [T, heads, headDim] = queries.shape;
  const [S, kvHeads] = keys.shape;
  const past = S - T;
  const q = headsFirst(queries); // [heads, T, headDim]
  const k = transpose(keys, [1, 2, 0]); // [kvHeads, headDim, S]
  const v = headsFirst(values); // [kvHeads, S, headDim]
  const step = Math.max(1, Math.floor(SCORES_AT_A_TIME / (heads * S)));

  const parts: Tensor3D[] = [];
  for (let start = 0; start < T; start += step) {
    const n = Math.min(T - start, step);
    const end = past + start + n;
    const whole = n === T;
    const shared: [number, number, number] = [kvHeads, (heads / kvHeads) * n, -1];
    const mixed = tidy(() => {
      const qBlock = whole ? q : slice(q, [0, start, 0], [-1, n, -1]);
      // Keys and values after the block's last query are never looked at.
      const kSeen = end === S ? k : slice(k, [0, 0, 0], [-1, -1, end]);
      const vSeen = end === S ? v : slice(v, [0, 0, 0], [-1, end, -1]);
      const scores = batchProduct(device, reshape(qBlock, shared), kSeen);
      const p = softmax(add<Tensor3D>(reshape(scores, [heads, n, end]), causal(end - n, end)));
      return batchProduct(device, reshape(p, shared), vSeen);
    });
    parts.push(reshape(mixed, [heads, n, headDim]));
  }
  return transpose(joined(parts, 1), [1, 0, 2]);
}

/** [rows, heads, headDim] → [heads, rows, headDim]. */
export function headsFirst(x: Tensor3D): Tensor3D {
  const [rows, heads, headDim] = x.shape;
  // Of one head, or one row, the values lie as they should.
  return heads === 1 || rows === 1 ? reshape(x, [heads, rows, headDim]) : transpose(x, [1, 0, 2]);
}

/** [end − start, end]: 0 where the key's position is not after the query's. */
function causal(start: number, end: number): Tensor2D {
  const mask = new Float32Array((end - start) * end);
  for (let row = 0; row < end - start; row++) {
    mask.fill(LATER, row * end + start + row + 1, (row + 1) * end);
  }
  return tensor2d(mask, [end - start, end]);
}

function joined(parts: Tensor3D[], axis: number): Tensor3D {
  const only = parts[0];
  return parts.length === 1 && only !== undefined ? only : concat(parts, axis);
}
