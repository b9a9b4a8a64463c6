// Attention of single rows that each take the place of what follows one beginning, as ablations of one position are. One
// by one they would be dozens of small operations a row: here the beginning's keys and values meet all rows at once, and
// each row's own key and value are one score and one term more.

import {
  type Rank,
  type Tensor3D,
  type Tensor4D,
  add,
  concat,
  mul,
  reshape,
  slice,
  softmax,
  sum,
  tidy,
  transpose,
} from "@tensorflow/tfjs-core";
import type { CachedContext } from "../backend.ts";
import { headsFirst, SCORES_AT_A_TIME } from "./attention.ts";
import type { Device } from "./device.ts";
import { batchProduct } from "./products.ts";

/** How many rows of the beginning they all share; null where they are not such rows. */
export function sharedBeginning(contexts: readonly CachedContext[]): number | null {
  const shared = contexts[0]?.shared ?? 0;
  const alike = (one: CachedContext): boolean =>
    one.shared === shared && one.past === 0 && one.rows === 1;
  return contexts.length > 1 && shared > 0 && contexts.every(alike) ? shared : null;
}

/** Keys, rotated by their positions, and values: [rows, kvHeads, headDim] each. */
interface Seen {
  readonly keys: Tensor3D;
  readonly values: Tensor3D;
}

/**
 * @param queries [N, heads, headDim], scaled.
 * @param own of each of the N rows.
 * @param beginning of the rows before them.
 * @returns [N, heads, headDim].
 */
export function branchAttention(
  device: Device,
  queries: Tensor3D,
  own: Seen,
  beginning: Seen,
): Tensor3D {
  const [N, heads] = queries.shape;
  const [S] = beginning.keys.shape;
  const step = Math.max(1, Math.floor(SCORES_AT_A_TIME / (heads * (S + 1))));
  const keys = transpose(beginning.keys, [1, 2, 0]); // [kvHeads, headDim, S]
  const values = headsFirst(beginning.values); // [kvHeads, S, headDim]
  const parts: Tensor3D[] = [];
  for (let start = 0; start < N; start += step) {
    const n = Math.min(N - start, step);
    const rows = (x: Tensor3D): Tensor3D => (n === N ? x : slice(x, [start, 0, 0], [n, -1, -1]));
    parts.push(
      tidy(() => attend(device, rows(queries), rows(own.keys), rows(own.values), { keys, values })),
    );
  }
  const only = parts[0];
  return parts.length === 1 && only !== undefined ? only : concat(parts, 0);
}

/** @param beginning keys [kvHeads, headDim, S], values [kvHeads, S, headDim]. */
function attend(
  device: Device,
  queries: Tensor3D,
  ownKeys: Tensor3D,
  ownValues: Tensor3D,
  beginning: Seen,
): Tensor3D {
  const [N, heads, headDim] = queries.shape;
  const [kvHeads] = beginning.values.shape;
  const group = heads / kvHeads;
  const byGroup = (x: Tensor3D, last: number): Tensor4D =>
    reshape<Rank.R4>(x, [kvHeads, group, N, last]);
  const oneOfGroup = (x: Tensor3D): Tensor4D =>
    reshape<Rank.R4>(headsFirst(x), [kvHeads, 1, N, headDim]);

  const q = headsFirst(queries); // [heads, N, headDim]
  const before = batchProduct(device, reshape(q, [kvHeads, group * N, headDim]), beginning.keys);
  const itself = sum(mul(byGroup(q, headDim), oneOfGroup(ownKeys)), 3); // [kvHeads, group, N]
  const S = before.shape[2];
  const scores = [reshape<Rank.R3>(before, [heads, N, S]), reshape<Rank.R3>(itself, [heads, N, 1])];
  const p = softmax<Tensor3D>(concat(scores, 2));
  const pBefore = slice(p, [0, 0, 0], [-1, -1, S]);
  const pItself = slice(p, [0, 0, S], [-1, -1, 1]);
  const mixed = batchProduct(device, reshape(pBefore, [kvHeads, group * N, S]), beginning.values);
  const added = mul(byGroup(pItself, 1), oneOfGroup(ownValues)); // [kvHeads, group, N, headDim]
  const out = add<Tensor3D>(
    reshape<Rank.R3>(mixed, [heads, N, headDim]),
    reshape<Rank.R3>(added, [heads, N, headDim]),
  );
  return transpose(out, [1, 0, 2]);
}
