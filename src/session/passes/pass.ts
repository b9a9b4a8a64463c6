// The two passes that every job is made of: the stream at the hook with its reconstruction, and the loss with and
// without the reconstruction spliced in.

import { defined } from "../../lib/defined.ts";
import type { SparseRows, Tensor } from "../../backend/backend.ts";
import { type PositionLoss, positionLoss } from "../../analysis/loss.ts";
import type { JobOptions } from "../../lib/progress.ts";
import { withScope } from "../../lib/scope.ts";
import { type Batch, embed, finalNorm, runBlocks } from "../../model/forward.ts";
import type { Encoded } from "../../sae/sae.ts";
import { unembed } from "./logits.ts";
import type { Session } from "../session.ts";

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

/** Number of active features of each row; NaN where an activation overflowed, since then none is known. */
export function rowCounts({ rowStart, value }: SparseRows): number[] {
  return Array.from({ length: rowStart.length - 1 }, (_, t) => {
    const active = value.subarray(rowStart[t], rowStart[t + 1]);
    return active.every(Number.isFinite) ? active.length : NaN;
  });
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
  const { config } = model.gemma;
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
    const { pairs } = await unembed(session, { pairs: [{ clean, edited, targets }] }, options);
    return (pairs[0] ?? []).map((row, t) => positionLoss(row, hasTarget[t] ?? false, config.vocab));
  });
}

/** The token each position predicts: the next one of its context; the last position's is unknown. */
export function nextTokens({ ids, contexts }: Batch): {
  targets: Uint32Array;
  hasTarget: boolean[];
} {
  const targets = new Uint32Array(ids.length);
  const hasTarget: boolean[] = [];
  for (const length of contexts) {
    for (let i = 0; i < length; i++) {
      const t = hasTarget.length;
      hasTarget.push(i < length - 1);
      if (i < length - 1) targets[t] = defined(ids[t + 1]);
    }
  }
  return { targets, hasTarget };
}
