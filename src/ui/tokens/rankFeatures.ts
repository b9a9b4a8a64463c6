// Ranks the features of one token and of a whole text. Special tokens never count: BOS would drown the rest.

import type { Units } from "../../lib/activations.ts";
import type { TokenReport } from "../../lib/report.ts";
import { activationsOf } from "../../lib/tokenRows.ts";
import type { Ranking } from "../../state/view.ts";

export interface RankedFeature {
  readonly index: number;
  /** Strongest activation, sum over tokens, or number of tokens: by the ranking. */
  readonly value: number;
  /** Position of its strongest token. */
  readonly at: number;
}

export interface RankOptions {
  readonly ranking: Ranking;
  readonly units: Units;
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

const sameOptions = (a: RankOptions, b: RankOptions): boolean =>
  a.ranking === b.ranking &&
  a.units === b.units &&
  a.logDensity === b.logDensity &&
  a.minLogDensity === b.minLogDensity &&
  a.maxLogDensity === b.maxLogDensity;

type Tokens = readonly TokenReport[];

/** The last ranking of each text: many parts of the page ask for the same one. */
const last = new WeakMap<
  Tokens,
  { readonly options: RankOptions; readonly ranked: readonly RankedFeature[] }
>();

export function rankText(tokens: Tokens, options: RankOptions): readonly RankedFeature[] {
  const known = last.get(tokens);
  if (known && sameOptions(known.options, options)) return known.ranked;
  const ranked = ranking(tokens, options);
  last.set(tokens, { options, ranked });
  return ranked;
}

function ranking(tokens: Tokens, options: RankOptions): RankedFeature[] {
  const activations = activationsOf(tokens);
  const ordinary = tokens.map(({ special }) => !special);
  return [...activations.features]
    .flatMap((index) => {
      if (!allowed(index, options)) return [];
      const tally = activations.tally(index, options.units, ordinary);
      return tally ? [{ index, value: tally[options.ranking], at: tally.at }] : [];
    })
    .toSorted(byValue);
}

export function rankToken(token: TokenReport, options: RankOptions): RankedFeature[] {
  return token.features
    .filter((feature) => allowed(feature.index, options))
    .map((feature) => ({ index: feature.index, value: feature[options.units], at: token.position }))
    .toSorted(byValue);
}

/** One feature's activation at every token, specials as 0. */
export const profile = (tokens: Tokens, index: number, units: Units): number[] =>
  activationsOf(tokens)
    .along(index, units)
    .map((value, t) => (tokens[t]?.special === true ? 0 : value));
