// Metrics against their formulas written out the slow way, on both sides of each empty set.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { histogram } from "../../../src/analysis/histogram.ts";
import { Loss, mergeLogits, NO_LOGITS, positionLoss } from "../../../src/analysis/loss.ts";
import { positionMask } from "../../../src/analysis/mask.ts";
import { topIndices } from "../../../src/analysis/rank.ts";
import { LegacyExplainedVariance, Reconstruction } from "../../../src/analysis/reconstruction.ts";
import { summarize } from "../../../src/analysis/summary.ts";

const D = 3;
const X = Float32Array.of(1, 2, 3, -1, 0.5, 2, 4, 4, -4, 0, 1, 0);
const HAT = Float32Array.of(1, 1.5, 3.5, -1, 0, 2, 3, 4, -3, 0.5, 1, 0);
const rows = (values: Float32Array): number[][] =>
  Array.from({ length: values.length / D }, (_, t) => Array.from(values.slice(t * D, (t + 1) * D)));
const dot = (a: number[], b: number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
const minus = (a: number[], b: number[]): number[] => a.map((value, i) => value - (b[i] ?? 0));
const mean = (values: number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe("reconstruction", () => {
  const mask = Uint8Array.of(0, 1, 1, 1);
  const chosen = [1, 2, 3];
  const x = chosen.map((t) => rows(X)[t] ?? []);
  const hat = chosen.map((t) => rows(HAT)[t] ?? []);
  const mu = [0, 1, 2].map((j) => mean(x.map((row) => row[j] ?? 0)));
  const errors = x.map((row, t) => dot(minus(row, hat[t] ?? []), minus(row, hat[t] ?? [])));

  it("follows the formulas over masked tokens, whole or in two parts", () => {
    const whole = new Reconstruction(D);
    whole.add(X, HAT, [9, 1, 2, 6], mask);
    const parts = new Reconstruction(D);
    parts.add(X.slice(0, 2 * D), HAT.slice(0, 2 * D), [9, 1], mask.slice(0, 2));
    parts.add(X.slice(2 * D), HAT.slice(2 * D), [2, 6], mask.slice(2));
    expect(parts.metrics()).toEqual(whole.metrics());
    const found = whole.metrics();
    const variance = mean(x.map((row) => dot(row, row))) - dot(mu, mu);
    expect(found.l0).toBeCloseTo(3, 12);
    expect(found.mse).toBeCloseTo(mean(errors), 12);
    expect(found.explainedVariance).toBeCloseTo(1 - mean(errors) / variance, 12);
    expect(found.cosine).toBeCloseTo(
      mean(
        x.map(
          (row, t) =>
            dot(row, hat[t] ?? []) / Math.sqrt(dot(row, row) * dot(hat[t] ?? [], hat[t] ?? [])),
        ),
      ),
      12,
    );
    expect(found.l2Ratio).toBeCloseTo(
      mean(x.map((row, t) => Math.sqrt(dot(hat[t] ?? [], hat[t] ?? []) / dot(row, row)))),
      12,
    );
    expect(found.relativeReconstructionBias).toBeCloseTo(
      mean(hat.map((row) => dot(row, row))) / mean(x.map((row, t) => dot(row, hat[t] ?? []))),
      12,
    );
    const legacy = new LegacyExplainedVariance(whole.mean());
    legacy.add(X, HAT, mask);
    expect(legacy.value()).toBeCloseTo(
      mean(x.map((row, t) => 1 - (errors[t] ?? 0) / dot(minus(row, mu), minus(row, mu)))),
      12,
    );
  });

  it("gives null for no tokens, and no variance for one", () => {
    const none = new Reconstruction(D);
    none.add(X, HAT, [1, 1, 1, 1], new Uint8Array(4));
    expect(Object.values(none.metrics())).toEqual([null, null, null, null, null, null]);
    expect(new LegacyExplainedVariance(none.mean()).value()).toBeNull();
    const one = new Reconstruction(D);
    one.add(X, HAT, [5, 1, 1, 1], Uint8Array.of(1, 0, 0, 0));
    expect(one.metrics()).toMatchObject({ l0: 5, explainedVariance: null });
    const legacy = new LegacyExplainedVariance(one.mean());
    legacy.add(X, HAT, Uint8Array.of(1, 0, 0, 0));
    expect(legacy.value()).toBeNull();
  });
});

describe("loss", () => {
  it("turns logit rows into CE, KL and KL against uniform", () => {
    const clean = [1, 2, 0.5];
    const sae = [0.5, 1, 1.5];
    const lse = (logits: number[]): number =>
      Math.log(logits.reduce((sum, value) => sum + Math.exp(value), 0));
    const p = clean.map((value) => Math.exp(value - lse(clean)));
    const q = sae.map((value) => Math.exp(value - lse(sae)));
    const row = {
      lseClean: lse(clean),
      targetClean: 2,
      meanClean: dot(p, clean),
      lseSae: lse(sae),
      targetSae: 1,
      meanDifference: dot(p, minus(clean, sae)),
    };
    const loss = positionLoss(row, true, 3);
    expect(loss.ceClean).toBeCloseTo(-Math.log(p[1] ?? 0), 12);
    expect(loss.ceSae).toBeCloseTo(-Math.log(q[1] ?? 0), 12);
    expect(loss.kl).toBeCloseTo(
      p.reduce((sum, value, i) => sum + value * Math.log(value / (q[i] ?? 0)), 0),
      12,
    );
    expect(loss.klZero).toBeCloseTo(
      p.reduce((sum, value) => sum + value * Math.log(value * 3), 0),
      12,
    );
    expect(positionLoss(row, false, 3)).toMatchObject({ ceClean: null, ceSae: null, kl: loss.kl });
  });

  it("merges the rows of a vocabulary's parts into the row of the whole, in any cut", () => {
    const logits = fc.array(fc.float({ min: -30, max: 30, noNaN: true }), {
      minLength: 2,
      maxLength: 12,
    });
    const rowOf = (clean: number[], sae: number[]) => {
      const lse = (values: number[]): number =>
        Math.log(values.reduce((sum, value) => sum + Math.exp(value), 0));
      const p = clean.map((value) => Math.exp(value - lse(clean)));
      return {
        lseClean: lse(clean),
        targetClean: 0,
        meanClean: dot(p, clean),
        lseSae: lse(sae),
        targetSae: 0,
        meanDifference: dot(p, minus(clean, sae)),
      };
    };
    fc.assert(
      fc.property(
        logits,
        fc.nat(),
        fc.float({ min: -3, max: 3, noNaN: true }),
        (clean, at, shift) => {
          const sae = clean.map((value, i) => value + shift * Math.sin(i));
          const cut = 1 + (at % (clean.length - 1));
          const merged = [
            rowOf(clean.slice(0, cut), sae.slice(0, cut)),
            rowOf(clean.slice(cut), sae.slice(cut)),
          ].reduce(mergeLogits, NO_LOGITS);
          for (const [key, value] of Object.entries(rowOf(clean, sae))) {
            expect(merged[key as keyof typeof merged], key).toBeCloseTo(value, 9);
          }
        },
      ),
    );
  });

  it("averages CE over masked inputs that predict something and KL over all masked ones", () => {
    const loss = new Loss(4096);
    loss.add(
      [
        { ceClean: 9, ceSae: 9, kl: 9, klZero: 9 },
        { ceClean: 2, ceSae: 3, kl: 0.5, klZero: 4 },
        { ceClean: null, ceSae: null, kl: 1.5, klZero: 6 },
      ],
      Uint8Array.of(0, 1, 1),
    );
    const zero = Math.log(4096);
    expect(loss.metrics()).toEqual({
      ceClean: 2,
      ceSae: 3,
      ceZero: zero,
      ceScore: (zero - 3) / (zero - 2),
      kl: 1,
      klZero: 5,
      klScore: 0.8,
    });
    expect(new Set(Object.values(new Loss(7).metrics()))).toEqual(new Set([null]));
  });

  it("reproduces the scores of the Gemma-2b model card", () => {
    const score = (ceSae: number): number | null => {
      const loss = new Loss(256000);
      loss.add([{ ceClean: 2.647, ceSae, kl: 0, klZero: 1 }], Uint8Array.of(1));
      return loss.metrics().ceScore;
    };
    expect(score(2.732)).toBeCloseTo(0.991, 3);
    expect(score(3.103)).toBeCloseTo(0.9535, 3);
  });
});

describe("masks and summaries", () => {
  it("leave special tokens out, or not", () => {
    expect([...positionMask("nonspecial", [true, false, true])]).toEqual([0, 1, 0]);
    expect([...positionMask("all", [true, false, true])]).toEqual([1, 1, 1]);
  });

  it("take the mean of the two middle values", () => {
    expect(summarize([4, 1, 10, 3])).toEqual({ mean: 4.5, median: 3.5, max: 10 });
    expect(summarize([2])).toEqual({ mean: 2, median: 2, max: 2 });
    expect(summarize([])).toEqual({ mean: null, median: null, max: null });
  });
});

describe("ranking and histograms", () => {
  const numbers = fc.array(
    fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constant(NaN), fc.double()),
    { maxLength: 60 },
  );

  it("find what a full sort finds, lower index first", () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: 0, max: 12 }), (values, n) => {
        const finite = values.map((_, i) => i).filter((i) => Number.isFinite(values[i]));
        const sorted = finite.toSorted((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
        expect(topIndices(values, n)).toEqual(sorted.slice(0, n));
        const reversed = finite.toSorted((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
        expect(topIndices(values, n, "smallest")).toEqual(reversed.slice(0, n));
      }),
    );
  });

  it("count every finite value once, the largest in the last bin", () => {
    expect(histogram([0, 1, 2, 10], 5)).toEqual({
      edges: [0, 2, 4, 6, 8, 10],
      counts: [2, 1, 0, 0, 1],
    });
    expect(histogram([3, 3], 2)).toEqual({ edges: [2.5, 3, 3.5], counts: [0, 2] });
    expect(histogram([NaN, Infinity], 4)).toEqual({ edges: [], counts: [] });
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1 }),
        (values) => {
          const { counts } = histogram(values, 50);
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
        },
      ),
    );
  });
});
