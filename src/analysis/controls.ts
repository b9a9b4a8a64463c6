// Controls of an intervention: the same edit along random directions, and how far an effect stands out from theirs
// (docs/maths.md §6.3).

import { defined } from "../lib/defined.ts";
import { randomNormal } from "../lib/random.ts";
import { ratio } from "./summary.ts";

/** Unit vectors of uniformly random direction, [count, d]. */
export function randomDirections(next: () => number, count: number, d: number): Float64Array {
  const out = new Float64Array(count * d);
  for (let slot = 0; slot < count; slot++) {
    const row = out.subarray(slot * d, (slot + 1) * d);
    for (let j = 0; j < d; j++) row[j] = randomNormal(next);
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    for (let j = 0; j < d; j++) row[j] = defined(row[j]) / norm;
  }
  return out;
}

export interface Spread {
  mean: number;
  /** Of the sample: divided by n − 1. */
  sd: number;
}

/** null of fewer than two values, and where one is no finite number. */
export function spread(values: readonly number[]): Spread | null {
  const n = values.length;
  if (n < 2 || !values.every(Number.isFinite)) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: Math.sqrt(squares / (n - 1)) };
}

/** (effect − mean)/sd of the controls; null where they do not vary, or where one of all these is no number. */
export function zScore(effect: number, controls: Spread | null): number | null {
  return controls === null ? null : ratio(effect - controls.mean, controls.sd);
}
