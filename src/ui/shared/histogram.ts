// Counts values into bins. Pure; the charts draw what this returns.

import { greatest, least } from "../../lib/extremes.ts";
import type { Histogram } from "../../lib/report.ts";

/**
 * Equal-width bins over the finite values' range, which reaches down to `from` where that is lower; one bin where they
 * are all equal; none without values.
 */
export function histogram(values: Iterable<number>, bins: number, from = Infinity): Histogram {
  let low = from;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return { edges: [], counts: [] };
  const n = low === high ? 1 : bins;
  const counts = new Uint32Array(n);
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const bin = low === high ? 0 : Math.min(n - 1, Math.floor(((value - low) / (high - low)) * n));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const edges = Array.from({ length: n + 1 }, (_, k) => low + ((high - low) * k) / n);
  return { edges, counts: [...counts] };
}

/** Bins of whole-number width over whole numbers, at most `most` of them. Edges are the first number of each bin. */
export function integerHistogram(values: readonly number[], most: number): Histogram {
  if (values.length === 0) return { edges: [], counts: [] };
  const low = least(values);
  const high = greatest(values);
  const width = Math.max(1, Math.ceil((high - low + 1) / most));
  const bins = Math.floor((high - low) / width) + 1;
  const counts = new Uint32Array(bins);
  for (const value of values) {
    const bin = Math.floor((value - low) / width);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return {
    edges: Array.from({ length: bins + 1 }, (_, k) => low + k * width),
    counts: [...counts],
  };
}

/** Round numbers (1, 2 or 5 times a power of ten) inside [low, high], about `most` of them. */
export function roundTicks(low: number, high: number, most: number, whole = false): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(
    whole ? 1 : 0,
    ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power,
  );
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, k) =>
    Number(((first + k) * step).toPrecision(12)),
  );
}
