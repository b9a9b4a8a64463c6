// Which feature and which token the page speaks of: what is hovered, else what is pinned, else a sensible first.

import { useMemo } from "react";
import type { TokenReport } from "../../lib/report.ts";
import { activationsOf } from "../../lib/tokenRows.ts";
import { rankText, type RankOptions } from "./rankFeatures.ts";
import { useApp } from "../shared/app.ts";
import { useHover } from "../shared/hover.ts";
import { useAnalysis } from "../shared/result.ts";

export function useRankOptions(): RankOptions {
  const ranking = useApp((state) => state.view.ranking);
  const units = useApp((state) => state.view.units);
  const minLogDensity = useApp((state) => state.view.minLogDensity);
  const maxLogDensity = useApp((state) => state.view.maxLogDensity);
  const logDensity = useApp((state) => state.card.data?.sae.logDensity ?? null);
  return useMemo(
    () => ({ ranking, units, minLogDensity, maxLogDensity, logDensity }),
    [ranking, units, minLogDensity, maxLogDensity, logDensity],
  );
}

export interface ShownFeature {
  readonly index: number;
  /** chosen: in the link · strongest: none was chosen, so the text's first · hovered: a preview. */
  readonly why: "chosen" | "strongest" | "hovered";
}

/** The text's strongest feature by the current ranking, for when none is chosen. */
export function useStrongest(): number | null {
  const { data: analysis } = useAnalysis();
  const options = useRankOptions();
  return useMemo(
    () => (analysis === null ? null : (rankText(analysis.tokens, options)[0]?.index ?? null)),
    [analysis, options],
  );
}

/** The chosen feature, or the text's strongest; without previews. */
export function useCurrentFeature(): number | null {
  const chosen = useApp((state) => state.view.feature);
  const strongest = useStrongest();
  return chosen ?? strongest;
}

/**
 * Whether the current feature is one of what is open, and so can be asked about: until a text is run on another SAE, its
 * strongest feature is that of the SAE before.
 */
export function useCurrentIsOpen(): boolean {
  const chosen = useApp((state) => state.view.feature);
  const open = useApp(({ card }) => (card.running ? null : (card.data?.provenance.sae ?? null)));
  const analysed = useAnalysis().data?.sae ?? null;
  if (open === null) return false;
  if (chosen !== null) return true;
  return analysed?.revision === open.revision && analysed.folder === open.folder;
}

export function useShownFeature(): ShownFeature | null {
  const hovered = useHover((hover) => hover.feature);
  const chosen = useApp((state) => state.view.feature);
  const strongest = useStrongest();
  return useMemo(() => {
    if (hovered !== null) return { index: hovered, why: "hovered" };
    if (chosen !== null) return { index: chosen, why: "chosen" };
    return strongest === null ? null : { index: strongest, why: "strongest" };
  }, [hovered, chosen, strongest]);
}

export interface ShownToken {
  readonly token: TokenReport;
  /** strongest: neither pointed at nor pinned, so where the current feature fires most. */
  readonly why: "hovered" | "pinned" | "strongest";
}

export function useShownToken(): ShownToken | null {
  const hovered = useHover((hover) => hover.token);
  const pinned = useApp((state) => state.view.token);
  const tokens = useAnalysis().data?.tokens ?? null;
  const feature = useCurrentFeature();
  return useMemo(() => {
    const at = (position: number | null, why: ShownToken["why"]): ShownToken | null => {
      const token = position === null ? undefined : tokens?.[position];
      return token === undefined ? null : { token, why };
    };
    return (
      at(hovered, "hovered") ??
      at(pinned, "pinned") ??
      at(strongestToken(tokens, feature), "strongest")
    );
  }, [hovered, pinned, tokens, feature]);
}

/** Where the feature fires most among ordinary tokens; the first of these where it does not fire at all. */
function strongestToken(
  tokens: readonly TokenReport[] | null,
  feature: number | null,
): number | null {
  if (tokens === null) return null;
  const ordinary = tokens.map(({ special }) => !special);
  const first = ordinary.indexOf(true);
  if (first < 0) return null;
  const tally = feature === null ? null : activationsOf(tokens).tally(feature, "raw", ordinary);
  return tally?.at ?? first;
}

export interface ShownLabel {
  readonly label: string;
  /** Who says so, in words. */
  readonly source: string;
  readonly by: "reader" | "bundled" | "neuronpedia";
  /** From 0 to 1, where its source has one. */
  readonly confidence: number | null;
}

/** The feature's label: the reader's own, else the one that came with the SAE, else Neuronpedia's where it was asked. */
export function useLabel(index: number | null): ShownLabel | null {
  const own = useApp(({ labels }) => (index === null ? undefined : labels.own[index]));
  const came = useApp(({ card }) =>
    index === null ? undefined : card.data?.sae.labels?.entries[index],
  );
  const source = useApp(({ card }) => card.data?.sae.labels?.source ?? "");
  const asked = useApp(({ labels }) => (index === null ? undefined : labels.neuronpedia[index]));
  return useMemo(() => {
    if (own !== undefined) {
      return { label: own, source: "your own label", by: "reader", confidence: null };
    }
    if (came !== undefined) {
      return { label: came.label, source, by: "bundled", confidence: came.confidence };
    }
    return asked !== undefined
      ? { label: asked.text, source: "Neuronpedia", by: "neuronpedia", confidence: null }
      : null;
  }, [own, came, source, asked]);
}
