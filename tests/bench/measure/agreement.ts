// Whether a run computed what it should: only such a run has a time. The tolerances are those of docs/maths.md §8 and the tests
// (tests/support/agree.ts, which needs Vitest and so cannot run here).

import type { TokenReport } from "../../../src/lib/report.ts";

export interface ExpectedToken {
  readonly features: readonly { readonly index: number; readonly raw: number }[];
  /** ‖x‖ and ‖x − x̂‖²; a run that stops at the encoder has neither. */
  readonly norm: number;
  readonly squaredError: number;
}

/** What a run tells of a token. */
export type FoundToken = Pick<TokenReport, "features"> | TokenReport;

const near = (found: number, wanted: number, tolerance: number): boolean =>
  Math.abs(found - wanted) <= tolerance * Math.max(1, Math.abs(wanted));

/** A feature this weak may be on in one place and off in another. */
const FLIP = 1e-3;

/** Throws where the first tokens differ from those expected; what is not expected of later ones is not looked at. */
export function assertAgrees(
  found: readonly FoundToken[],
  expected: readonly ExpectedToken[],
): void {
  expected.forEach((wanted, t) => {
    const token = found[t];
    if (token === undefined) throw new Error(`token ${t} is missing`);
    const raw = new Map(token.features.map((feature) => [feature.index, feature.raw]));
    for (const feature of wanted.features) {
      const value = raw.get(feature.index) ?? 0;
      raw.delete(feature.index);
      if (!near(value, feature.raw, 1e-3)) {
        throw new Error(`token ${t}: feature ${feature.index} is ${value}, not ${feature.raw}`);
      }
    }
    for (const [index, value] of raw) {
      if (value > FLIP) throw new Error(`token ${t}: feature ${index} is ${value}, not off`);
    }
    if (!("norm" in token)) return;
    for (const name of ["norm", "squaredError"] as const) {
      if (!near(token[name], wanted[name], 2e-3)) {
        throw new Error(`token ${t}: ${name} is ${token[name]}, not ${wanted[name]}`);
      }
    }
  });
}

/** Throws where the loss of a position differs. */
export function assertLossAgrees(found: readonly number[], expected: readonly number[]): void {
  expected.forEach((wanted, t) => {
    if (!near(found[t] ?? NaN, wanted, 2e-3)) {
      throw new Error(`token ${t}: the loss is ${found[t] ?? NaN}, not ${wanted}`);
    }
  });
}
