// Which features of one token two streams differ in: gained, lost, and active in both but changed. Pure.

import type { FeatureChange, RowChanges } from "../lib/interventions.ts";

/** Raw activations of a token's active features, by number. */
export type ActiveFeatures = ReadonlyMap<number, number>;

/** Of the features active in both, this many are listed. */
export const CHANGED_FEATURES = 10;

/** Where a stream overflowed. */
const UNKNOWN: RowChanges = {
  l0: { before: NaN, after: NaN },
  size: NaN,
  gained: [],
  lost: [],
  changed: [],
};

/** @param fold what makes a feature's raw activation its folded one. */
export function rowChanges(
  before: ActiveFeatures,
  after: ActiveFeatures,
  fold: (feature: number) => number,
): RowChanges {
  const known = (features: ActiveFeatures): boolean =>
    [...features.values()].every(Number.isFinite);
  if (!known(before) || !known(after)) return UNKNOWN;
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
    list.toSorted((a, b) => changeOf(b) - changeOf(a) || a.index - b.index);
  return {
    l0: { before: before.size, after: after.size },
    size: changes.reduce((sum, change) => sum + changeOf(change), 0),
    gained: largestFirst(changes.filter(({ index }) => !before.has(index))),
    lost: largestFirst(changes.filter(({ index }) => !after.has(index))),
    changed: largestFirst(
      changes.filter(
        (change) => before.has(change.index) && after.has(change.index) && changeOf(change) > 0,
      ),
    ).slice(0, CHANGED_FEATURES),
  };
}

const changeOf = ({ before, after }: FeatureChange): number =>
  Math.abs(after.folded - before.folded);
