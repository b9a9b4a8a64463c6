// Which features of one token two streams differ in: gained, lost, and active in both but changed. Pure.

import type { FeatureChange, RowChanges } from "../lib/interventions.ts";

/** Raw activations of a token's active features, by number. */
export type ActiveFeatures = ReadonlyMap<number, number>;

/** Of the features active in both, this many are listed. */
export const CHANGED_FEATURES = 10;

/** @param fold what makes a feature's raw activation its folded one. */
export function rowChanges(
  before: ActiveFeatures,
  after: ActiveFeatures,
  fold: (feature: number) => number,
): RowChanges {
  const changes = [...new Set([...before.keys(), ...after.keys()])].map((index): FeatureChange => {
    const [was, is] = [before.get(index) ?? 0, after.get(index) ?? 0];
    const factor = fold(index);
    return {
      index,
      before: { raw: was, folded: was * factor },
      after: { raw: is, folded: is * factor },
    };
  });
  const largestFirst = (list: FeatureChange[]): FeatureChange[] =>
    list.toSorted((a, b) => rankOf(b) - rankOf(a) || a.index - b.index);
  return {
    l0: { before: before.size, after: after.size },
    size: changes.reduce((sum, change) => sum + changeOf(change), 0),
    gained: largestFirst(changes.filter(({ index }) => !before.has(index))),
    lost: largestFirst(changes.filter(({ index }) => !after.has(index))),
    changed: largestFirst(
      changes.filter(
        // One that is no number is not "no change".
        (change) => before.has(change.index) && after.has(change.index) && changeOf(change) !== 0,
      ),
    ).slice(0, CHANGED_FEATURES),
  };
}

/** A change that is no number stands before all that are. */
const rankOf = (change: FeatureChange): number => {
  const size = changeOf(change);
  return Number.isFinite(size) ? size : Number.MAX_VALUE;
};

const changeOf = ({ before, after }: FeatureChange): number =>
  Math.abs(after.folded - before.folded);
