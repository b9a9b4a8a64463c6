// The log-normal that L0 is said to follow (the model card of the gemma-2b SAEs): fitted by the moments of ln L0. Pure.

import type { Histogram } from "../../lib/report.ts";

export interface LogNormal {
  /** Mean and standard deviation of ln L0, over tokens on which anything fires. */
  readonly mu: number;
  readonly sigma: number;
  readonly tokens: number;
}

/** @param l0 tokens by L0. null where fewer than two values of L0 occur. */
export function fitLogNormal(l0: readonly number[]): LogNormal | null {
  let tokens = 0;
  let sum = 0;
  let squares = 0;
  l0.forEach((n, value) => {
    if (value === 0) return;
    tokens += n;
    sum += n * Math.log(value);
    squares += n * Math.log(value) ** 2;
  });
  if (tokens === 0) return null;
  const mu = sum / tokens;
  const sigma = Math.sqrt(Math.max(0, squares / tokens - mu ** 2));
  return sigma > 0 ? { mu, sigma, tokens } : null;
}

/** Tokens that the fit expects in each bin of whole numbers. */
export function expected({ edges, counts }: Histogram, fit: LogNormal): number[] {
  // A whole number stands for what rounds to it.
  const below = (value: number): number =>
    value <= 0.5 ? 0 : normalCdf((Math.log(value - 0.5) - fit.mu) / fit.sigma);
  return counts.map(
    (_, bin) => fit.tokens * (below(edges[bin + 1] ?? Infinity) - below(edges[bin] ?? 0)),
  );
}

/** Φ by Abramowitz and Stegun 26.2.17, off by at most 7.5e-8. */
export function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail =
    (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z >= 0 ? 1 - tail : tail;
}

/** Tokens by L0 in bins of one whole width, at most `most` of them, from the first L0 that occurs. */
export function l0Bins(l0: readonly number[], most: number): Histogram {
  const low = l0.findIndex((n) => n > 0);
  if (low < 0) return { edges: [], counts: [] };
  const width = Math.max(1, Math.ceil((l0.length - low) / most));
  const bins = Math.ceil((l0.length - low) / width);
  return {
    edges: Array.from({ length: bins + 1 }, (_, k) => low + k * width),
    counts: Array.from({ length: bins }, (_, k) =>
      l0.slice(low + k * width, low + (k + 1) * width).reduce((sum, n) => sum + n, 0),
    ),
  };
}
