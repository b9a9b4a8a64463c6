// What is not finite in a set is not left out of its sums, ranks and summaries.

import { describe, expect, it } from "vitest";
import { spread, zScore } from "../../../src/analysis/controls.ts";
import { rowChanges } from "../../../src/analysis/featureChanges.ts";
import { Loss } from "../../../src/analysis/loss.ts";
import { argmax } from "../../../src/analysis/rank.ts";
import { Reconstruction } from "../../../src/analysis/reconstruction.ts";
import { sample } from "../../../src/analysis/sampling.ts";
import { summarize } from "../../../src/analysis/summary.ts";

describe.each([NaN, Infinity, -Infinity])("with %f among the values", (bad) => {
  const D = 2;
  const plain = Float32Array.of(1, 2, 3, 4);

  it("a reconstruction has no value where x is so, and only its L0 where x̂ is", () => {
    for (const [x, xHat, l0] of [
      [Float32Array.of(1, 2, bad, 4), plain, null],
      [plain, Float32Array.of(1, 2, bad, 4), 4],
    ] as const) {
      const sums = new Reconstruction(D);
      sums.add(x, xHat, [3, 5], Uint8Array.of(1, 1));
      const { l0: found, ...rest } = sums.metrics();
      expect(found).toBe(l0);
      expect(Object.values(rest)).toEqual([null, null, null, null, null]);
      const before = new Reconstruction(D);
      before.add(x, xHat, [3, 5], Uint8Array.of(1, 0));
      expect(before.metrics()).toMatchObject({ l0: 3, mse: 0 });
    }
  });

  it("a loss has no value", () => {
    const sums = new Loss(16);
    const loss = { ceClean: 1, ceSae: 2, kl: 1, klZero: 2 };
    sums.add([loss, { ...loss, ceSae: bad, kl: bad }], Uint8Array.of(1, 1));
    const { ceClean, ceSae, ceScore, kl, klScore } = sums.metrics();
    expect([ceClean, ceSae, ceScore, kl, klScore]).toEqual([1, null, null, null, null]);
  });

  it("a summary, a spread and a z-score have none", () => {
    expect(summarize([1, bad, 2])).toEqual({ mean: null, median: null, max: null });
    expect(spread([1, bad, 2])).toBeNull();
    expect(zScore(bad, { mean: 1, sd: 1 })).toBeNull();
  });

  it("a row's changes of features have none, and lists none", () => {
    const changes = rowChanges(new Map([[1, 2]]), new Map([[1, bad]]), () => 1);
    expect(changes).toEqual({
      l0: { before: NaN, after: NaN },
      size: NaN,
      gained: [],
      lost: [],
      changed: [],
    });
  });
});

it("no token is chosen by logits of which one is NaN or +∞; −∞ is an impossible token", () => {
  for (const bad of [NaN, Infinity]) {
    const refused = expect.objectContaining({ code: "Unsupported" }) as Error;
    for (const logits of [
      [bad, 1, 2],
      [1, 2, bad],
    ]) {
      expect(() => argmax(logits)).toThrow(refused);
      expect(() => sample(logits, { temperature: 1, topP: 0.9 }, 0.5)).toThrow(refused);
    }
  }
  expect(argmax([-Infinity, 1, 2])).toBe(2);
});
