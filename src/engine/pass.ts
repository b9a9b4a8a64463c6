// The two passes that every job is made of: the stream at the hook with its reconstruction, and the loss with and
// without the reconstruction spliced in.

import {
  LOGIT_STATS,
  LOGIT_STATS_COLUMNS,
  type SparseRows,
  type Tensor,
} from "../backend/backend.ts";
import {
  type LogitRow,
  mergeLogits,
  NO_LOGITS,
  type PositionLoss,
  positionLoss,
} from "../analysis/loss.ts";
import type { JobOptions } from "../lib/progress.ts";
import { withScope } from "../lib/scope.ts";
import { type Batch, embed, finalNorm, runBlocks } from "../model/forward.ts";
import type { Encoded } from "../sae/sae.ts";
import type { Session } from "./session.ts";

/** resid_post of the SAE's layer, [T, d_model]. The caller's to dispose. */
export async function residual(
  session: Session,
  batch: Batch,
  layer: number,
  options: JobOptions,
): Promise<Tensor> {
  const { gemma } = session.model;
  const x0 = await embed(gemma, batch, options);
  try {
    return await runBlocks(gemma, x0, batch.contexts, 0, layer + 1, options);
  } finally {
    x0.dispose();
  }
}

export interface HookPass {
  readonly x: Tensor;
  readonly xHat: Tensor;
  readonly encoded: Encoded;
  dispose(): void;
}

/** x at the SAE's hook, its active features and x̂. */
export async function hookPass(
  session: Session,
  batch: Batch,
  options: JobOptions,
): Promise<HookPass> {
  const { sae } = session.sae;
  const x = await residual(session, batch, sae.config.layer, options);
  try {
    const encoded = await sae.encode(x);
    const xHat = sae.decode(encoded);
    return {
      x,
      xHat,
      encoded,
      dispose() {
        for (const held of [x, xHat, encoded.features, encoded.undo]) held.dispose();
      },
    };
  } catch (error) {
    x.dispose();
    throw error;
  }
}

/** Number of active features of each row. */
export function rowCounts({ rowStart }: SparseRows): number[] {
  return Array.from(
    { length: rowStart.length - 1 },
    (_, t) => (rowStart[t + 1] ?? 0) - (rowStart[t] ?? 0),
  );
}

/**
 * Loss of every position, clean and with x̂ in place of x where the mask is 1. Both streams run as one batch: the
 * spliced contexts follow the clean ones.
 */
export async function lossPass(
  session: Session,
  batch: Batch,
  { x, xHat }: HookPass,
  mask: Uint8Array,
  options: JobOptions,
): Promise<PositionLoss[]> {
  const { backend, model, sae } = session;
  const { config, weights } = model.gemma;
  const tokens = batch.ids.length;
  const { targets, hasTarget } = nextTokens(batch);
  return withScope(async (own) => {
    const spliced = own(backend.select(mask, x, xHat));
    const both = own(backend.concatRows([x, spliced]));
    const contexts = [...batch.contexts, ...batch.contexts];
    const from = sae.sae.config.layer + 1;
    const out = own(await runBlocks(model.gemma, both, contexts, from, config.layers, options));
    const normed = own(await finalNorm(model.gemma, out, options));
    const clean = own(backend.sliceRows(normed, 0, tokens));
    const edited = own(backend.sliceRows(normed, tokens, 2 * tokens));
    const rows: LogitRow[] = Array.from(targets, () => NO_LOGITS);
    for await (const { E, firstRow } of weights.unembedding(options)) {
      // A target outside the tile is no row of it: any row stands in, and its logit is left out.
      const local = targets.map((id) => (inTile(id, firstRow, E.rows) ? id - firstRow : 0));
      const tensor = backend.logitStats(clean, E, local, edited);
      const stats = await backend.read(tensor);
      tensor.dispose();
      targets.forEach((id, t) => {
        const row = logitRow(stats, t, inTile(id, firstRow, E.rows));
        rows[t] = mergeLogits(rows[t] ?? NO_LOGITS, row);
      });
    }
    return rows.map((row, t) => positionLoss(row, hasTarget[t] ?? false, config.vocab));
  });
}

const inTile = (id: number, firstRow: number, rows: number): boolean =>
  id >= firstRow && id < firstRow + rows;

function logitRow(stats: Float32Array, t: number, targetHere: boolean): LogitRow {
  const at = (column: keyof typeof LOGIT_STATS): number =>
    stats[t * LOGIT_STATS_COLUMNS + LOGIT_STATS[column]] ?? NaN;
  return {
    lseClean: at("lseA"),
    targetClean: targetHere ? at("targetA") : 0,
    meanClean: at("meanA"),
    lseSae: at("lseB"),
    targetSae: targetHere ? at("targetB") : 0,
    meanDifference: at("meanDifference"),
  };
}

/** The token each position predicts: the next one of its context; the last position's is unknown. */
function nextTokens({ ids, contexts }: Batch): { targets: Uint32Array; hasTarget: boolean[] } {
  const targets = new Uint32Array(ids.length);
  const hasTarget: boolean[] = [];
  for (const length of contexts) {
    for (let i = 0; i < length; i++) {
      const t = hasTarget.length;
      hasTarget.push(i < length - 1);
      if (i < length - 1) targets[t] = ids[t + 1] ?? 0;
    }
  }
  return { targets, hasTarget };
}
