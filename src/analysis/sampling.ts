// Choosing the next token from logits: greedy, or drawn after temperature and top-p. The random number is the caller's
// (docs/maths.md §6.6).

import { defined } from "../lib/defined.ts";
import { argmax } from "./rank.ts";

export interface Sampling {
  /** Divides the logits; 0 takes the most likely token. */
  readonly temperature: number;
  /** Only the most likely tokens that together reach this probability can be drawn (Holtzman et al. 2019); 1: all. */
  readonly topP: number;
}

/** @param u uniform in [0, 1); greedy choice does not look at it. Ties go to the lower id. Throws as `argmax` does. */
export function sample(
  logits: ArrayLike<number>,
  { temperature, topP }: Sampling,
  u: number,
): number {
  const best = argmax(logits);
  if (temperature === 0) return best;
  const highest = defined(logits[best]);
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - highest) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const candidates = topP < 1 ? nucleus(weights, total, topP) : [...weights.keys()];
  const mass = candidates.reduce((sum, id) => sum + defined(weights[id]), 0);
  let passed = 0;
  return candidates.find((id) => (passed += defined(weights[id])) > u * mass) ?? best;
}

/** The fewest ids, most likely first, whose weights reach `topP` of the total; at least one. */
function nucleus(weights: Float64Array, total: number, topP: number): number[] {
  // All tokens below this hold less than 1 − topP together: they cannot be in it, and need no sorting.
  const least = ((1 - topP) * total) / weights.length;
  const order = [...weights.keys()]
    .filter((id) => defined(weights[id]) >= least)
    .toSorted((a, b) => defined(weights[b]) - defined(weights[a]) || a - b);
  let mass = 0;
  const last = order.findIndex((id) => (mass += defined(weights[id])) >= topP * total);
  return last === -1 ? order : order.slice(0, last + 1);
}
