// A scan's state as bytes: its arrays one after another, as they stand in memory (little-endian wherever browsers run),
// and the few numbers that say how long they are. For this machine's own storage; parts that travel are Parquet.

import type { ScanPlan } from "./settings.ts";
import { Sources, type SourceRead } from "./sources.ts";
import { ScanState } from "./state.ts";

export interface StateHead {
  readonly plan: ScanPlan;
  /** By number, as examples name them. */
  readonly sources: readonly SourceRead[];
  readonly tokens: number;
  readonly contexts: number;
  readonly finished: boolean;
}

export const stateHead = (state: ScanState): StateHead => ({
  plan: state.plan,
  sources: state.sources.numbered(),
  tokens: state.tokens,
  contexts: state.contexts,
  finished: state.finished,
});

/** The arrays' bytes, in an order of their own: views, to be written, or filled in a state that `emptyState` made. */
export function stateBytes(state: ScanState): Uint8Array[] {
  const { strengths, sketches, examples } = state;
  const arrays = [
    [state.count, state.sum, state.sumSquares, state.max],
    [strengths.exponent, strengths.bins, sketches.hashes, sketches.filled],
    [examples.value, examples.hash, examples.source, examples.document, examples.position],
    [examples.peak, examples.length, examples.ids, examples.activations, examples.filled],
    [state.l0, state.tokensAt, state.l0At, state.squaredErrorAt, state.sums],
  ];
  return arrays
    .flat()
    .map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength));
}

/** A state for the arrays of `head`; once they are filled, `examples.restore()` is due. */
export function emptyState({ plan, sources, tokens, contexts, finished }: StateHead): ScanState {
  const state = new ScanState(plan);
  state.sources = new Sources(sources);
  state.tokens = tokens;
  state.contexts = contexts;
  state.finished = finished;
  return state;
}
