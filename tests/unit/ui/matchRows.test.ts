// Matched features with their sums on the text, in either direction.

import { expect, test } from "vitest";
import type { Comparison } from "../../../src/lib/report.ts";
import { matchRows } from "../../../src/ui/compare/matchRows.ts";

const token = (special: boolean, ...features: [number, number][]) => ({
  special,
  features: features.map(([index, raw]) => ({ index, raw, folded: 2 * raw })),
});

const comparison = {
  sides: [
    {
      analysis: {
        tokens: [token(true, [1, 100]), token(false, [1, 2], [5, 1]), token(false, [1, 3])],
      },
    },
    { analysis: { tokens: [token(true), token(false, [8, 4]), token(false)] } },
  ],
  matches: [
    [
      { feature: 1, match: 8, cosine: 0.9 },
      { feature: 5, match: 9, cosine: 0.1 },
    ],
    [{ feature: 8, match: 1, cosine: 0.9 }],
  ],
} as unknown as Comparison;

test("sums leave special tokens out; a match that does not fire is silent", () => {
  expect(matchRows(comparison, 0, "raw")).toEqual([
    { feature: 1, sum: 5, match: 8, cosine: 0.9, matchSum: 4 },
    { feature: 5, sum: 1, match: 9, cosine: 0.1, matchSum: 0 },
  ]);
  expect(matchRows(comparison, 1, "folded")).toEqual([
    { feature: 8, sum: 8, match: 1, cosine: 0.9, matchSum: 10 },
  ]);
});
