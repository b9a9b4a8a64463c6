// The fixed top of a feature's colour scale, so that two texts can be compared: its strongest on the scanned corpus.

import type { ScanSummary } from "../../lib/scan.ts";
import type { View } from "../../state/view.ts";
import { useApp } from "./app.ts";
import { useScanSummary } from "./useScanSummary.ts";

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

/** null where the scale is this text's, or no scan knows of it. */
export function useKnownMaximum(feature: number | null): number | null {
  const wanted = useApp((state) => state.view.scale === "feature");
  const units = useApp((state) => state.view.units);
  const norms = useApp((state) => state.card.data?.sae.decoderNorms);
  const scan = useScanSummary();
  return wanted && feature !== null ? corpusMaximum(scan, norms, feature, units) : null;
}
