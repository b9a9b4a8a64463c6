// Log-sum-exp, target and means of logits over the vocabulary: tile by tile, never all T×V of them.

import {
  type Rank,
  type Tensor2D,
  concat,
  fill,
  log,
  max,
  mul,
  softmax,
  sub,
  sum,
  tidy,
} from "@tensorflow/tfjs-core";
import type { Device } from "./device.ts";
import { blockProduct } from "./products.ts";
import { gatherRows } from "./rows.ts";
import type { TfjsWeight } from "./weight.ts";

/** [T, 6] in the order of LOGIT_STATS; without b its columns are 0. a and b [T, d], E [V, d]. */
export function logitStats(
  device: Device,
  a: Tensor2D,
  E: TfjsWeight,
  targets: Uint32Array,
  b: Tensor2D | null,
): Tensor2D {
  const atTarget = gatherRows(device, E, targets); // [T, d]
  // Of each tile, as columns.
  const lseA: Tensor2D[] = [];
  const meanA: Tensor2D[] = [];
  const lseB: Tensor2D[] = [];
  const meanDifference: Tensor2D[] = [];
  for (let i = 0; i < E.blockCount; i++) {
    const tile: TileStats = tidy(() => tileStats(device, a, E, b, i));
    lseA.push(tile.lseA);
    meanA.push(tile.meanA);
    if (tile.b === undefined) continue;
    lseB.push(tile.b.lse);
    meanDifference.push(tile.b.meanDifference);
  }
  const columnsA = columns(a, atTarget, lseA, meanA, lseA);
  const columnsB =
    b === null
      ? fill<Rank.R2>([a.shape[0], 3], 0)
      : columns(b, atTarget, lseB, meanDifference, lseA);
  return concat([columnsA, columnsB], 1);
}

/** Of one tile of the vocabulary, [T, 1] each; p is the softmax of a's logits in it. */
type TileStats = {
  lseA: Tensor2D;
  meanA: Tensor2D;
  b?: { lse: Tensor2D; meanDifference: Tensor2D };
};

function tileStats(
  device: Device,
  a: Tensor2D,
  E: TfjsWeight,
  b: Tensor2D | null,
  i: number,
): TileStats {
  const mean = (p: Tensor2D, values: Tensor2D): Tensor2D => sum(mul(p, values), 1, true);
  const logitsA = blockProduct(device, a, E, i); // [T, tile]
  const p = softmax(logitsA);
  const ofA = { lseA: logSumExp(logitsA, p), meanA: mean(p, logitsA) };
  if (b === null) return ofA;
  const logitsB = blockProduct(device, b, E, i);
  const lse = logSumExp(logitsB, softmax(logitsB));
  return { ...ofA, b: { lse, meanDifference: mean(p, sub(logitsA, logitsB)) } };
}

/** [T, 3]: the tiles' log-sum-exp together; the logit at the target; the tiles' means weighted by a's mass in each. */
function columns(
  stream: Tensor2D,
  atTarget: Tensor2D,
  lse: Tensor2D[],
  means: Tensor2D[],
  lseOfP: Tensor2D[],
): Tensor2D {
  const tiles = concat(lse, 1); // [T, tiles]
  const target = sum<Tensor2D>(mul(stream, atTarget), 1, true);
  const mean = sum<Tensor2D>(mul(softmax(concat(lseOfP, 1)), concat(means, 1)), 1, true);
  return concat([logSumExp(tiles, softmax(tiles)), target, mean], 1);
}

/**
 * ln Σ exp(x) of each row, p its softmax: [T, 1]. At the maximum p = 1 / Σ exp(x − max), so it is max − ln(max p):
 * on wasm softmax is vectorised and exp is not, measured 9 times faster.
 */
function logSumExp(x: Tensor2D, p: Tensor2D): Tensor2D {
  return sub(max(x, 1, true), log(max(p, 1, true)));
}
