// The strongest activation of each feature on any text seen since the SAE was opened: the fixed top of the scale,
// so that two texts can be compared. A scanned corpus knows of stronger ones still.

import { createContext, useContext } from "react";
import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Analysis } from "../../lib/report.ts";
import type { ScanSummary } from "../../lib/scan.ts";
import type { View } from "../../state/view.ts";
import { useApp } from "./app.ts";
import { useScanSummary } from "./useScanSummary.ts";

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

/** Strongest on the scanned corpus, whose strengths are folded; null where it is not known. */
export function corpusMaximum(
  scan: Pick<ScanSummary, "max"> | null | undefined,
  decoderNorms: ArrayLike<number> | undefined,
  feature: number,
  units: View["units"],
): number | null {
  const folded = scan?.max[feature] ?? 0;
  const norm = units === "folded" ? 1 : (decoderNorms?.[feature] ?? 0);
  return folded > 0 && norm > 0 ? folded / norm : null;
}

/** A feature's strongest activation as far as it is known; null where the scale is this text's, or nothing is. */
export function useKnownMaximum(feature: number | null): number | null {
  const wanted = useApp((state) => state.view.scale === "feature");
  const units = useApp((state) => state.view.units);
  const norms = useApp((state) => state.card.data?.sae.decoderNorms);
  const scan = useScanSummary(wanted);
  const { best } = useMaxima();
  if (!wanted || feature === null) return null;
  const seen = best.get(feature)?.[units] ?? 0;
  return Math.max(seen, corpusMaximum(scan, norms, feature, units) ?? 0) || null;
}
