// Numbers of a feature's scan as they are shown: moments, marks in the histogram, what was seen before. Pure.

import type { Histogram } from "../../lib/report.ts";
import type { FeatureScan, Example } from "../../lib/scan.ts";

export interface Moments {
  readonly mean: number;
  /** Of the firings themselves (n), not an estimate from them (n − 1). */
  readonly sd: number;
  readonly max: number;
}

/** Over firings; null where it never fired. */
export function moments({ count, sum, sumSquares, max }: FeatureScan): Moments | null {
  if (count === 0) return null;
  const mean = sum / count;
  return { mean, sd: Math.sqrt(Math.max(0, sumSquares / count - mean ** 2)), max };
}

/** Without the empty bins over the maximum. */
export function filledBins({ edges, counts }: Histogram): Histogram {
  const bins = counts.findLastIndex((n) => n > 0) + 1;
  return { edges: edges.slice(0, bins === 0 ? 0 : bins + 1), counts: counts.slice(0, bins) };
}

/** The bin that a strength lies in; null outside of them all. */
export function binOf({ edges, counts }: Histogram, strength: number | null): number | null {
  if (strength === null || strength <= 0) return null;
  const bin = edges.findLastIndex((edge, i) => i < counts.length && strength >= edge);
  return bin < 0 || strength > (edges[bin + 1] ?? -Infinity) ? null : bin;
}

/** from ≤ strength < to. */
export interface StrengthRange {
  readonly from: number;
  readonly to: number;
}

export const inRange = (strength: number, range: StrengthRange | null): boolean =>
  range !== null && strength > 0 && strength >= range.from && strength < range.to;

/** The same words with the feature firing at the same one, wherever they stand. */
const wordsOf = ({ ids, peak }: Example): string => `${peak} ${ids.join(" ")}`;

/** Of each example of each group: whether it stood in an earlier group, or earlier in its own. */
export function repeats(groups: readonly (readonly Example[])[]): boolean[][] {
  const seen = new Set<string>();
  return groups.map((group) =>
    group.map((example) => {
      const words = wordsOf(example);
      const again = seen.has(words);
      seen.add(words);
      return again;
    }),
  );
}
