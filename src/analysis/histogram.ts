// Histograms of plain numbers, in equal-width bins.

import { defined } from "../lib/defined.ts";
import type { Histogram } from "../lib/report.ts";

/** `bins` equal bins from the smallest to the largest finite value; the last one is closed. */
export function histogram(values: ArrayLike<number>, bins: number): Histogram {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = defined(values[i]);
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return { edges: [], counts: [] };
  if (low === high) {
    // One value alone: a bin of width 1 around it keeps the axis finite.
    low -= 0.5;
    high += 0.5;
  }
  const width = (high - low) / bins;
  const counts = Array.from({ length: bins }, () => 0);
  for (let i = 0; i < values.length; i++) {
    const value = defined(values[i]);
    if (!Number.isFinite(value)) continue;
    const bin = Math.min(bins - 1, Math.floor((value - low) / width));
    counts[bin] = defined(counts[bin]) + 1;
  }
  const edges = Array.from({ length: bins + 1 }, (_, i) => (i === bins ? high : low + i * width));
  return { edges, counts };
}
