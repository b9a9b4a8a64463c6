// The log-normal fit of L0.

import { expect, test } from "vitest";
import { randomNormal, randomSource } from "../../../src/lib/random.ts";
import { expected, fitLogNormal, l0Bins, normalCdf } from "../../../src/ui/sae/logNormal.ts";

test("the normal distribution is that of the tables", () => {
  for (const [z, p] of [
    [0, 0.5],
    [1, 0.841344746],
    [-1.959963985, 0.025],
    [3, 0.998650102],
  ] as const) {
    expect(Math.abs(normalCdf(z) - p)).toBeLessThan(1e-7);
  }
});

test("finds the parameters that tokens were drawn from", () => {
  const random = randomSource(3);
  const l0: number[] = [];
  for (let i = 0; i < 50_000; i++) {
    const value = Math.round(Math.exp(3.5 + 0.4 * randomNormal(random)));
    l0[value] = (l0[value] ?? 0) + 1;
  }
  const filled = Array.from(l0, (n) => n ?? 0);
  const fit = fitLogNormal(filled);
  expect(fit?.mu).toBeCloseTo(3.5, 1);
  expect(fit?.sigma).toBeCloseTo(0.4, 1);
  const bins = l0Bins(filled, 50);
  const curve = fit === null ? [] : expected(bins, fit);
  expect(curve.reduce((sum, n) => sum + n, 0) / 50_000).toBeCloseTo(1, 2);
  bins.counts.forEach((n, i) =>
    expect(Math.abs(n - (curve[i] ?? NaN))).toBeLessThan(0.01 * 50_000),
  );
});

test("leaves out tokens on which nothing fires, and fits nothing to a single value", () => {
  expect(fitLogNormal([10, 0, 4, 4])?.tokens).toBe(8);
  expect(fitLogNormal([10, 0, 4])).toBeNull();
  expect(fitLogNormal([10])).toBeNull();
  expect(fitLogNormal([])).toBeNull();
});

test("bins are of one whole width and hold every token", () => {
  const l0 = [0, 0, 5, 1, 0, 2, 3];
  expect(l0Bins(l0, 50)).toEqual({ edges: [2, 3, 4, 5, 6, 7], counts: [5, 1, 0, 2, 3] });
  expect(l0Bins(l0, 2)).toEqual({ edges: [2, 5, 8], counts: [6, 5] });
  expect(l0Bins([], 5)).toEqual({ edges: [], counts: [] });
});
