// Matched features with what they do on the text: how strong each is, and whether its match fires too. Pure.

import type { Units } from "../../lib/activations.ts";
import type { Analysis, Comparison } from "../../lib/report.ts";
import { activationsOf } from "../../lib/tokenRows.ts";

export interface MatchRow {
  readonly feature: number;
  /** Summed activation over ordinary tokens. */
  readonly sum: number;
  /** null, with its cosine, where there is none. */
  readonly match: number | null;
  readonly cosine: number | null;
  readonly matchSum: number;
}

/** How strong a feature is, summed. */
function summed({ tokens }: Analysis, units: Units): (feature: number) => number {
  const activations = activationsOf(tokens);
  const ordinary = tokens.map(({ special }) => !special);
  return (feature) => activations.tally(feature, units, ordinary)?.sum ?? 0;
}

/** @param from 0: A's features and their matches in B; 1: the other way round. */
export function matchRows({ sides, matches }: Comparison, from: 0 | 1, units: Units): MatchRow[] {
  const own = summed(sides[from].analysis, units);
  const other = summed(sides[from === 0 ? 1 : 0].analysis, units);
  return matches[from].map(({ feature, match, cosine }) => ({
    feature,
    sum: own(feature),
    match,
    cosine,
    matchSum: match === null ? 0 : other(match),
  }));
}
