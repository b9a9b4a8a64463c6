// What the page is told of a feature, on corpora small enough to check by hand; sketches and ranges besides.

import { describe, expect, it } from "vitest";
import { featureScan, scanProvenance, scanSummary } from "../../../src/scan/featureScan.ts";
import { stateHead } from "../../../src/scan/stored.ts";
import { Sketches } from "../../../src/scan/sketches.ts";
import { Sources } from "../../../src/scan/sources.ts";
import { exponentOf } from "../../../src/scan/strengths.ts";
import type { ScanProvenance } from "../../../src/lib/scan.ts";
import { scanOf, type TestContext, testPlan } from "../../support/scans.ts";

/** One context of 8 tokens; feature 0 has these strengths on them, feature 1 never fires. */
const context = (strengths: readonly number[]): TestContext => ({
  source: "corpus.jsonl",
  document: 4,
  start: 16,
  ids: [2, 10, 11, 12, 13, 14, 15, 16, 17],
  rows: [new Map([[1, 9]]), ...strengths.map((value) => new Map(value > 0 ? [[0, value]] : []))],
  squaredError: [100, 1, 2, 3, 4, 5, 6, 7, 8],
});

const state = scanOf(testPlan(2, { window: 4 }), [context([0, 1, 2, 0, 10, 0, 9, 5])]);
const provenance = scanProvenance(stateHead(state)) as ScanProvenance;
const told = (index: number) => featureScan(state, index, provenance, (id) => `t${id}`);

describe("a feature's page", () => {
  it("has its density with the denominator, and the moments", () => {
    expect(told(0)).toMatchObject({
      count: 5,
      density: 5 / 8,
      tokens: 8,
      rateBound: null,
      sum: 27,
      sumSquares: 1 + 4 + 100 + 81 + 25,
      max: 10,
      sources: [{ name: "corpus.jsonl", documents: 1 }],
    });
  });

  it("bounds the rate of a feature that never fired, BOS left out", () => {
    expect(told(1)).toMatchObject({
      count: 0,
      density: 0,
      rateBound: 3 / 8,
      top: [],
      intervals: [],
    });
    expect(told(1).histogram).toEqual({ edges: [], counts: [] });
  });

  it("has a histogram up to the power of two over the maximum", () => {
    const { edges, counts } = told(0).histogram;
    expect([edges.length, edges[0], edges.at(-1)]).toEqual([51, 0, 16]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(5);
    expect(counts[Math.floor((10 * 50) / 16)]).toBe(1);
  });

  it("shows examples with the tokens around and where they stand", () => {
    const { top } = told(0);
    expect(top).toHaveLength(1);
    expect(top[0]).toEqual({
      source: "corpus.jsonl",
      document: 4,
      position: 20,
      value: 10,
      peak: 2,
      ids: [12, 13, 14, 15],
      tokens: ["t12", "t13", "t14", "t15"],
      activations: [2, 0, 10, 0],
    });
  });

  it("groups examples in equal widths up to the maximum", () => {
    const { intervals } = told(0);
    expect(intervals.map(({ from, to }) => [from, to])).toEqual([
      [8, 10],
      [6, 8],
      [4, 6],
      [2, 4],
      [0, 2],
    ]);
    expect(intervals.map(({ passages }) => passages.map(({ value }) => value))).toEqual([
      [10, 9],
      [],
      [5],
      [2],
      [1],
    ]);
    expect(intervals.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(intervals[0]?.share).toBeCloseTo(2 / 5, 12);
  });

  it("has every firing in the sample while there are few", () => {
    expect(told(0).sample.map(({ value }) => value)).toEqual([10, 9, 5, 2, 1]);
  });
});

describe("a scan's summary", () => {
  it("cuts the L0 histogram after the last token", () => {
    const summary = scanSummary(state, provenance, null);
    expect(summary.l0).toEqual([3, 5]);
    expect([...summary.count]).toEqual([5, 0]);
    expect(summary.byPosition.squaredError).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe("co-activation", () => {
  /** Hashes spread over all 32 bits. */
  const hash = (n: number): number => Math.imul(n, 0x9e3779b1) >>> 0;
  const sketches = (size: number, a: readonly number[], b: readonly number[]): Sketches => {
    const made = new Sketches(2, size);
    for (const n of a) made.add(0, hash(n));
    for (const n of b) made.add(1, hash(n));
    return made;
  };
  const upTo = (from: number, to: number): number[] =>
    Array.from({ length: to - from }, (_, i) => from + i);

  it("is exact while the sketches hold everything", () => {
    expect(sketches(16, upTo(1, 11), upTo(6, 17)).jaccard(0, 1)).toBe(5 / 16);
    expect(sketches(16, [], [1]).jaccard(0, 1)).toBe(0);
    expect(sketches(16, [], []).jaccard(0, 1)).toBeNull();
  });

  it("is estimated within its error beyond", () => {
    // J = 2000 / 6000; the standard error of 256 hashes is √(J(1 − J) / 256) = 0.029.
    const found = sketches(256, upTo(1, 4001), upTo(2001, 6001)).jaccard(0, 1) ?? NaN;
    expect(Math.abs(found - 1 / 3)).toBeLessThan(0.09);
    // A rare feature inside a frequent one: 50 / 5000.
    const rare = sketches(256, upTo(1, 5001), upTo(1, 51)).jaccard(0, 1) ?? NaN;
    expect(Math.abs(rare - 0.01)).toBeLessThan(0.02);
  });
});

describe("ranges", () => {
  it.each([
    [1, 1],
    [0.999, 0],
    [0.5, 0],
    [0.4999, -1],
    [16, 5],
    [15.99, 4],
    [1e-40, -126],
    [0, -126],
    [3.4e38, 128],
  ])("%f lies under 2^%i and no lower power of two", (value, e) => {
    expect(exponentOf(value)).toBe(e);
  });

  it("are read in order, and counted", () => {
    const sources = new Sources();
    const a = sources.number("a");
    for (const document of [3, 3, 4, 7, 8]) sources.add(a, document);
    expect(sources.list()).toEqual([
      {
        name: "a",
        ranges: [
          [3, 5],
          [7, 9],
        ],
      },
    ]);
  });
});
