// Ranks the features of one token and of a whole text. Special tokens never count: BOS would drown the rest.

import type { Analysis, TokenReport } from "../../lib/report.ts";
import type { Ranking, View } from "../../state/view.ts";
import { activationAt } from "./tokenValues.ts";

export interface RankedFeature {
  readonly index: number;
  /** Strongest activation, sum over tokens, or number of tokens: by the ranking. */
  readonly value: number;
  /** Position of its strongest token. */
  readonly at: number;
}

interface Tally {
  max: number;
  sum: number;
  count: number;
  at: number;
}

export interface RankOptions {
  readonly ranking: Ranking;
  readonly units: View["units"];
  /** log10 of the firing rate, [d_sae]; null where unknown, and then nothing is filtered. */
  readonly logDensity: ArrayLike<number> | null;
  /** Neither rarer nor denser than these; null: no bound. */
  readonly minLogDensity: number | null;
  readonly maxLogDensity: number | null;
}

function allowed(index: number, options: RankOptions): boolean {
  const { logDensity, minLogDensity, maxLogDensity } = options;
  if (logDensity === null) return true;
  const value = logDensity[index] ?? -Infinity;
  return value >= (minLogDensity ?? -Infinity) && value <= (maxLogDensity ?? Infinity);
}

/** Strongest first; equal values by feature number, so that the order never flickers. */
const byValue = (a: RankedFeature, b: RankedFeature): number =>
  b.value - a.value || a.index - b.index;

export function rankText(tokens: Analysis["tokens"], options: RankOptions): RankedFeature[] {
  const tallies = new Map<number, Tally>();
  for (const token of tokens) {
    if (token.special) continue;
    for (const feature of token.features) {
      const value = feature[options.units];
      const tally = tallies.get(feature.index);
      if (tally === undefined) {
        tallies.set(feature.index, { max: value, sum: value, count: 1, at: token.position });
        continue;
      }
      tally.sum += value;
      tally.count += 1;
      if (value > tally.max) {
        tally.max = value;
        tally.at = token.position;
      }
    }
  }
  return [...tallies]
    .filter(([index]) => allowed(index, options))
    .map(([index, tally]) => ({ index, value: tally[options.ranking], at: tally.at }))
    .toSorted(byValue);
}

export function rankToken(token: TokenReport, options: RankOptions): RankedFeature[] {
  return token.features
    .filter((feature) => allowed(feature.index, options))
    .map((feature) => ({ index: feature.index, value: feature[options.units], at: token.position }))
    .toSorted(byValue);
}

/** One feature's activation at every token, to be drawn: specials, and where it is not known, as 0. */
export function profile(tokens: Analysis["tokens"], index: number, units: View["units"]): number[] {
  return tokens.map((token) => (token.special ? 0 : activationAt(token, index, units) || 0));
}
