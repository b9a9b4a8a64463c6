// Counts values into bins. Pure; the charts draw what this returns.

import type { Histogram } from "../../lib/report.ts";

/** Equal-width bins over the finite values' range; one bin where they are all equal; none without values. */
export function histogram(values: ArrayLike<number>, bins: number): Histogram {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return { edges: [], counts: [] };
  if (low === high) return { edges: [low, high], counts: [values.length] };
  const counts = new Array<number>(bins).fill(0);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    counts[binOf(value, low, high, bins)]! += 1;
  }
  const edges = Array.from({ length: bins + 1 }, (_, k) => low + ((high - low) * k) / bins);
  return { edges, counts };
}

function binOf(value: number, low: number, high: number, bins: number): number {
  return Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins));
}

/** Bins of whole-number width over whole numbers, at most `most` of them. Edges are the first number of each bin. */
export function integerHistogram(values: readonly number[], most: number): Histogram {
  if (values.length === 0) return { edges: [], counts: [] };
  const low = Math.min(...values);
  const high = Math.max(...values);
  const width = Math.max(1, Math.ceil((high - low + 1) / most));
  const bins = Math.floor((high - low) / width) + 1;
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[Math.floor((value - low) / width)]! += 1;
  return { edges: Array.from({ length: bins + 1 }, (_, k) => low + k * width), counts };
}
