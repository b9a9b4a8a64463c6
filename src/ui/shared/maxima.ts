// The strongest activation of each feature on any text seen since the SAE was opened: the fixed top of the scale,
// so that two texts can be compared. What it is not: a maximum over a corpus.

import { createContext, useContext } from "react";
import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Analysis } from "../../lib/report.ts";

export interface Maxima {
  /** What they belong to: SAE, revision and activation function. */
  readonly key: string;
  readonly best: ReadonlyMap<number, { readonly raw: number; readonly folded: number }>;
  /** How many texts were seen. */
  readonly texts: number;
}

export const NO_MAXIMA: Maxima = { key: "", best: new Map(), texts: 0 };

const keyOf = ({ sae, model }: Analysis): string =>
  [sae.source, sae.revision, sae.folder, model.revision, model.activation].join("\n");

export function addMaxima(seen: Maxima, analysis: Analysis): Maxima {
  const key = keyOf(analysis);
  const same = key === seen.key;
  const best = new Map(same ? seen.best : []);
  for (const token of analysis.tokens) {
    if (token.special) continue;
    for (const { index, raw, folded } of token.features) {
      const old = best.get(index);
      best.set(index, {
        raw: Math.max(old?.raw ?? 0, raw),
        folded: Math.max(old?.folded ?? 0, folded),
      });
    }
  }
  return { key, best, texts: same ? seen.texts + 1 : 1 };
}

export const createMaxima = (): StoreApi<Maxima> => createStore<Maxima>(() => NO_MAXIMA);

export const MaximaContext = createContext<StoreApi<Maxima> | null>(null);

export function useMaxima(): Maxima {
  const store = useContext(MaximaContext);
  if (store === null) throw new Error("A component that reads the maxima stands outside <App>.");
  return useStore(store);
}
