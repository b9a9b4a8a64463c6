// One walk over the unembedding for everything that needs logits: of a large model it is a gigabyte, and may stream.

import { defined } from "../../lib/defined.ts";
import { type LogitRow, mergeLogits, NO_LOGITS } from "../../analysis/loss.ts";
import {
  type Backend,
  LOGIT_STATS,
  LOGIT_STATS_COLUMNS,
  type Tensor,
  type Weight,
} from "../../backend/backend.ts";
import type { JobOptions } from "../../lib/progress.ts";
import type { UnembeddingTile } from "../../model/weights.ts";
import type { Session } from "../session.ts";

/** A stream after the final norm, [T, d_model], alone or compared with another row by row. */
interface StreamPair {
  readonly clean: Tensor;
  /** Without it, what is said of it is 0. */
  readonly edited?: Tensor;
  /** [T]: the token whose logit is wanted; any where none is. */
  readonly targets: Uint32Array;
}

export interface Wanted {
  readonly pairs?: readonly StreamPair[];
  /** Rows whose logits are read back whole, [n, d_model], after the final norm. */
  readonly rows?: Tensor;
}

export interface Unembedded {
  /** For each pair, a row for each of its positions. */
  readonly pairs: LogitRow[][];
  /** For each of `rows`, [V]. */
  readonly logits: Float32Array[];
}

export async function unembed(
  { backend, model }: Pick<Session, "backend" | "model">,
  { pairs: wantedPairs = [], rows }: Wanted,
  options: JobOptions,
): Promise<Unembedded> {
  const { config, weights } = model.gemma;
  const pairs = wantedPairs.map(({ targets }) => Array.from(targets, () => NO_LOGITS));
  const logits = Array.from({ length: rows?.rows ?? 0 }, () => new Float32Array(config.vocab));
  for await (const tile of weights.unembedding(options)) {
    for (const [i, pair] of wantedPairs.entries()) {
      const found = await pairRows(backend, pair, tile);
      pairs[i] = found.map((row, t) => mergeLogits(pairs[i]?.[t] ?? NO_LOGITS, row));
    }
    if (!rows) continue;
    const values = await readProduct(backend, rows, tile.E);
    logits.forEach((row, i) => {
      row.set(values.subarray(i * tile.E.rows, (i + 1) * tile.E.rows), tile.firstRow);
    });
  }
  return { pairs, logits };
}

/** x [T, K] · Wᵀ, read back: [T, N]. */
export async function readProduct(backend: Backend, x: Tensor, W: Weight): Promise<Float32Array> {
  const result = backend.linear(x, W);
  try {
    return await backend.read(result);
  } finally {
    result.dispose();
  }
}

async function pairRows(
  backend: Backend,
  { clean, edited, targets }: StreamPair,
  { E, firstRow }: UnembeddingTile,
): Promise<LogitRow[]> {
  const inTile = (id: number): boolean => id >= firstRow && id < firstRow + E.rows;
  // A target outside the tile is no row of it: any row stands in, and its logit is left out.
  const local = targets.map((id) => (inTile(id) ? id - firstRow : 0));
  const tensor = backend.logitStats(clean, E, local, edited);
  const stats = await backend.read(tensor);
  tensor.dispose();
  return Array.from(targets, (id, t) => {
    const at = (column: keyof typeof LOGIT_STATS): number =>
      defined(stats[t * LOGIT_STATS_COLUMNS + LOGIT_STATS[column]]);
    return {
      lseClean: at("lseA"),
      targetClean: inTile(id) ? at("targetA") : 0,
      meanClean: at("meanA"),
      lseSae: at("lseB"),
      targetSae: inTile(id) ? at("targetB") : 0,
      meanDifference: at("meanDifference"),
    };
  });
}
