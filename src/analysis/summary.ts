// Summaries of plain numbers; an empty set, and one with a value that is no finite number, give null, never NaN.

import { defined } from "../lib/defined.ts";

export interface Summary {
  mean: number | null;
  median: number | null;
  max: number | null;
}

/** The median of an even count is the mean of the two in the middle. */
export function summarize(values: readonly number[]): Summary {
  if (values.length === 0 || !values.every(Number.isFinite)) {
    return { mean: null, median: null, max: null };
  }
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = defined(sorted[middle]);
  const lower = sorted.length % 2 === 0 ? defined(sorted[middle - 1]) : upper;
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    median: (lower + upper) / 2,
    max: sorted.at(-1) ?? null,
  };
}

/** a / b; null where that or one of the two is no finite number: a share of something infinite is a plain 0. */
export function ratio(a: number, b: number): number | null {
  const value = a / b;
  return Number.isFinite(value) && Number.isFinite(b) ? value : null;
}
