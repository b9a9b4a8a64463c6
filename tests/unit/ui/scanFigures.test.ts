// A feature's page: moments, marks in the histogram, and which examples were seen before.

import { describe, expect, test } from "vitest";
import type { FeatureScan, Example } from "../../../src/lib/scan.ts";
import {
  binOf,
  filledBins,
  inRange,
  moments,
  repeats,
} from "../../../src/ui/feature/scanFigures.ts";

const scanOf = (values: readonly number[]): FeatureScan =>
  ({
    count: values.length,
    sum: values.reduce((sum, value) => sum + value, 0),
    sumSquares: values.reduce((sum, value) => sum + value ** 2, 0),
    max: Math.max(0, ...values),
  }) as FeatureScan;

describe("moments", () => {
  test("are those of the firings", () => {
    expect(moments(scanOf([2, 4, 4, 4, 5, 5, 7, 9]))).toEqual({ mean: 5, sd: 2, max: 9 });
  });

  test("of one firing, and of none", () => {
    expect(moments(scanOf([3]))).toEqual({ mean: 3, sd: 0, max: 3 });
    expect(moments(scanOf([]))).toBeNull();
  });

  test("stay numbers where rounding makes the variance negative", () => {
    const scan = { ...scanOf([0.1, 0.1, 0.1]), sumSquares: 0.03 - 1e-9 };
    expect(moments(scan)?.sd).toBe(0);
  });
});

describe("bins", () => {
  const bins = { edges: [0, 2, 4, 6, 8], counts: [3, 0, 1, 0] };

  test("over the maximum are left out, empty ones below are not", () => {
    expect(filledBins(bins)).toEqual({ edges: [0, 2, 4, 6], counts: [3, 0, 1] });
    expect(filledBins({ edges: [0, 1], counts: [0] })).toEqual({ edges: [], counts: [] });
    expect(filledBins({ edges: [], counts: [] })).toEqual({ edges: [], counts: [] });
  });

  test("hold what lies from one edge up to the next", () => {
    const shown = filledBins(bins);
    expect([0.1, 1.99, 2, 5.9].map((value) => binOf(shown, value))).toEqual([0, 0, 1, 2]);
    // The last edge is the maximum's own; over it and at 0 there is no bin.
    expect(binOf(shown, 6)).toBe(2);
    expect([0, -1, 6.1, null].map((value) => binOf(shown, value))).toEqual(Array(4).fill(null));
    expect(binOf({ edges: [], counts: [] }, 1)).toBeNull();
  });

  test("mark the strengths that they hold, and no other", () => {
    const range = { from: 2, to: 4 };
    expect([1.9, 2, 3.9, 4].map((value) => inRange(value, range))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(inRange(0, { from: 0, to: 1 })).toBe(false);
    expect(inRange(1, null)).toBe(false);
  });
});

test("an example is repeated where its words and its firing token stood before", () => {
  const example = (peak: number, ...ids: number[]): Example => ({ peak, ids }) as Example;
  expect(
    repeats([
      [example(0, 1, 2), example(1, 1, 2), example(0, 1, 2)],
      [example(1, 1, 2), example(0, 12)],
    ]),
  ).toEqual([
    [false, false, true],
    [true, false],
  ]);
});
