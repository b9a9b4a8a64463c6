// Matched features with what they do on the text: how strong each is, and whether its match fires too. Pure.

import type { Analysis, Comparison } from "../../lib/report.ts";
import type { View } from "../../state/view.ts";

export interface MatchRow {
  readonly feature: number;
  /** Summed activation over ordinary tokens. */
  readonly sum: number;
  /** null, with its cosine, where there is none. */
  readonly match: number | null;
  readonly cosine: number | null;
  readonly matchSum: number;
}

function sums({ tokens }: Analysis, units: View["units"]): Map<number, number> {
  const found = new Map<number, number>();
  for (const { special, features } of tokens) {
    if (special) continue;
    for (const feature of features)
      found.set(feature.index, (found.get(feature.index) ?? 0) + feature[units]);
  }
  return found;
}

/** @param from 0: A's features and their matches in B; 1: the other way round. */
export function matchRows(
  { sides, matches }: Comparison,
  from: 0 | 1,
  units: View["units"],
): MatchRow[] {
  const own = sums(sides[from].analysis, units);
  const other = sums(sides[from === 0 ? 1 : 0].analysis, units);
  return matches[from].map(({ feature, match, cosine }) => ({
    feature,
    sum: own.get(feature) ?? 0,
    match,
    cosine,
    matchSum: match === null ? 0 : (other.get(match) ?? 0),
  }));
}
