// From a corpus to batches of contexts: each document is tokenised on its own, its tokens (without BOS) are cut into
// runs that leave room for one, and every run gets BOS in front.

import type { Batch } from "../model/forward.ts";
import { encode } from "./input.ts";
import type { Session } from "./session.ts";

/** Tokens that run together in one batch, where contexts are shorter than that. */
const BATCH_TOKENS = 1024;

/** Length of a context: what the SAE was trained on, where it says so, within what the model holds. */
function contextLength({ model, sae }: Session): number {
  const { context } = model.gemma.config;
  return Math.min(sae.sae.config.contextSize ?? context, context);
}

export function contextsOf(session: Session, texts: readonly string[]): Batch[] {
  const { bosId } = session.model.gemma.config;
  const room = contextLength(session) - 1;
  const batches: { ids: number[]; contexts: number[] }[] = [];
  for (const text of texts) {
    const all = encode(session.model, text);
    const tokens = all[0] === bosId ? all.slice(1) : all;
    for (let start = 0; start < tokens.length; start += room) {
      const run = [bosId, ...tokens.slice(start, start + room)];
      let batch = batches.at(-1);
      if (!batch || batch.ids.length + run.length > BATCH_TOKENS) {
        batch = { ids: [], contexts: [] };
        batches.push(batch);
      }
      batch.ids.push(...run);
      batch.contexts.push(run.length);
    }
  }
  return batches.map(({ ids, contexts }) => ({ ids: Uint32Array.from(ids), contexts }));
}
