// The parts of the state that are results on their way, and the slot that each is run in.

import { EMPTY, Slot } from "./loadable.ts";
import type { Loadable, State } from "./store.ts";

export const NOTHING_LOADED = {
  card: EMPTY,
  analysis: EMPTY,
  verification: EMPTY,
  comparison: EMPTY,
  corpusVerification: EMPTY,
  feature: EMPTY,
  selfCheck: EMPTY,
  intervention: EMPTY,
  downstream: EMPTY,
  attribution: EMPTY,
  generation: EMPTY,
  scanSummary: EMPTY,
  featureScan: EMPTY,
  coFiring: EMPTY,
  scanRun: EMPTY,
  promoters: EMPTY,
  nearest: EMPTY,
  projection: EMPTY,
} as const satisfies Partial<State>;

type LoadableName = keyof typeof NOTHING_LOADED;
type DataOf<N extends LoadableName> = State[N] extends Loadable<infer T> ? T : never;
export type Slots = { readonly [N in LoadableName]: Slot<DataOf<N>> };

export function createSlots(
  getState: () => State,
  setState: (patch: Partial<State>) => void,
): Slots {
  const slot = <N extends LoadableName>(name: N): Slot<DataOf<N>> =>
    new Slot<DataOf<N>>(
      // A part of the state is its loadable, which TypeScript does not see through the name.
      () => getState()[name] as Loadable<DataOf<N>>,
      (next) => setState({ [name]: next }),
    );
  return {
    card: slot("card"),
    analysis: slot("analysis"),
    verification: slot("verification"),
    comparison: slot("comparison"),
    corpusVerification: slot("corpusVerification"),
    feature: slot("feature"),
    selfCheck: slot("selfCheck"),
    intervention: slot("intervention"),
    downstream: slot("downstream"),
    attribution: slot("attribution"),
    generation: slot("generation"),
    scanSummary: slot("scanSummary"),
    featureScan: slot("featureScan"),
    coFiring: slot("coFiring"),
    scanRun: slot("scanRun"),
    promoters: slot("promoters"),
    nearest: slot("nearest"),
    projection: slot("projection"),
  };
}
