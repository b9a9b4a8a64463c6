// How far edits move each row, how their controls are made, and where an effect stands among them.

import { describe, expect, it } from "vitest";
import { randomDirections, spread, zScore } from "../../../src/analysis/controls.ts";
import { firstMoved, moveRows, planEdits } from "../../../src/analysis/edits.ts";
import { randomNormal, randomSource } from "../../../src/lib/random.ts";

/** Three rows from position 5 on; slot s has f = row + s, and a unit of 10. */
const ROWS = {
  rows: 3,
  firstPosition: 5,
  activation: (row: number, slot: number) => row + slot,
  unit: () => 10,
  steerUnit: 4,
};

describe("a plan", () => {
  it("has the difference of activations in units of the residual, and leaves other rows alone", () => {
    expect(planEdits([{ feature: 7, mode: "ablate", positions: "all" }], ROWS)).toEqual([
      [], // f is 0 there
      [{ slot: 0, amount: -10 }],
      [{ slot: 0, amount: -20 }],
    ]);
    expect(
      planEdits([{ feature: 7, mode: "clamp", value: 1, positions: { from: 6 } }], ROWS),
    ).toEqual([
      [],
      [], // f is 1 there already
      [{ slot: 0, amount: -10 }],
    ]);
    expect(planEdits([{ feature: 7, mode: "steer", value: -2, positions: [5] }], ROWS)).toEqual([
      [{ slot: 0, amount: -8 }],
      [],
      [],
    ]);
  });

  it("applies several edits of a feature in their order, and others beside them", () => {
    const plan = planEdits(
      [
        { feature: 7, mode: "clamp", value: 3, positions: [6] },
        { feature: 2, mode: "scale", value: 2, positions: [6] },
        { feature: 7, mode: "scale", value: 2, positions: "all" },
        { feature: 7, mode: "steer", value: 1, positions: [6] },
      ],
      ROWS,
    );
    expect(plan[1]).toEqual([
      { slot: 0, amount: (6 - 1) * 10 + 4 },
      { slot: 1, amount: 20 },
    ]);
    expect([firstMoved(plan), firstMoved([[], []]), firstMoved([])]).toEqual([1, null, null]);
  });

  it("moves rows along its directions, and copies what it does not move", () => {
    const x = Float32Array.of(1, 2, 3, 4, 0.1, 0.2);
    const plan = [
      [{ slot: 0, amount: 2 }],
      [
        { slot: 1, amount: -1 },
        { slot: 0, amount: 1 },
      ],
      [],
    ];
    const directions = Float64Array.of(1, 0, 0, 1);
    expect(moveRows(x, plan, directions, 2, 0)).toEqual(Float32Array.of(3, 2, 4, 3, 0.1, 0.2));
    expect(moveRows(x, plan, directions, 2, 1)).toEqual(Float32Array.of(4, 3, 0.1, 0.2));
    expect(x).toEqual(Float32Array.of(1, 2, 3, 4, 0.1, 0.2));
  });
});

describe("controls", () => {
  it("are unit vectors in every direction, the same for the same seed", () => {
    const [count, d] = [400, 8];
    const directions = randomDirections(randomSource(7), count, d);
    expect(randomDirections(randomSource(7), count, d)).toEqual(directions);
    const mean = Array.from({ length: d }, () => 0);
    for (let i = 0; i < count; i++) {
      const row = directions.subarray(i * d, (i + 1) * d);
      expect(row.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 12);
      row.forEach((value, j) => (mean[j] = (mean[j] ?? 0) + value / count));
    }
    // Deviation of each mean: 1/√(400·8) = 0.018.
    for (const value of mean) expect(Math.abs(value)).toBeLessThan(0.08);
  });

  it("give an effect its z-score, where they vary", () => {
    const controls = spread([1, 2, 3, 4]);
    expect(controls).toEqual({ mean: 2.5, sd: Math.sqrt(5 / 3) });
    expect(zScore(5, controls)).toBeCloseTo(2.5 / Math.sqrt(5 / 3), 12);
    expect(zScore(5, spread([2, 2]))).toBeNull();
    expect(zScore(5, spread([2]))).toBeNull();
  });
});

describe("random numbers", () => {
  it("are mulberry32's", () => {
    const next = randomSource(1);
    // From the generator's published C code.
    expect([next(), next()].map((value) => Math.floor(value * 2 ** 32))).toEqual([
      2693262067, 11749833,
    ]);
  });

  it("are normal: mean 0, variance 1, and finite at the ends of the uniform ones", () => {
    const next = randomSource(5);
    const values = Array.from({ length: 20_000 }, () => randomNormal(next));
    const { mean, sd } = spread(values) ?? { mean: NaN, sd: NaN };
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(sd - 1)).toBeLessThan(0.03);
    expect(Number.isFinite(randomNormal(() => 0))).toBe(true);
    expect(Number.isFinite(randomNormal(() => 1 - 2 ** -32))).toBe(true);
  });
});
