// The scan's structures against their definitions written out the slow way, over random corpora in random orders.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashText, hashToken } from "../../../src/scan/hash.ts";
import { FIRST_STRATUM, type Firing, SAMPLE, TOP } from "../../../src/scan/examples.ts";
import { BINS, STRATA } from "../../../src/scan/settings.ts";
import { joinSources } from "../../../src/scan/sources.ts";
import { merge, type ScanState } from "../../../src/scan/state.ts";
import { exponentOf } from "../../../src/scan/strengths.ts";
import {
  arbitraryCorpus,
  content,
  scanOf,
  sums,
  type TestContext,
  testPlan,
} from "../../support/scans.ts";

const FEATURES = 5;
const SMALL = { top: 3, perStratum: 2, sample: 4, window: 5, sketch: 6, sums: 2 };
const plan = testPlan(FEATURES, SMALL);

interface Fired {
  context: TestContext;
  t: number;
  value: number;
  hash: number;
}

/** Every firing of a feature, BOS left out. */
function firings(contexts: readonly TestContext[], feature: number, fold = 1): Fired[] {
  return contexts.flatMap((context) =>
    context.rows.flatMap((row, t) => {
      const raw = row.get(feature);
      if (raw === undefined || t === 0) return [];
      const stem = hashText(context.source) ^ plan.settings.seed;
      const hash = hashToken(stem, context.document, context.start + t - 1);
      return [{ context, t, value: Math.fround(raw * fold), hash }];
    }),
  );
}

const place = ({ context, t }: Fired): string =>
  `${context.source} ${context.document} ${context.start + t - 1}`;
const placesOf = (state: ScanState, found: readonly Firing[]): string[] =>
  found
    .map((one) => `${state.sources.name(one.source)} ${one.document} ${one.position}`)
    .toSorted();
const byHash = (a: Fired, b: Fired): number => a.hash - b.hash;
const byValue = (a: Fired, b: Fired): number =>
  b.value - a.value ||
  a.context.document - b.context.document ||
  a.context.start + a.t - b.context.start - b.t ||
  (a.context.source < b.context.source ? -1 : 1);

describe("a scan", () => {
  it("keeps what its definitions say", () => {
    fc.assert(
      fc.property(arbitraryCorpus(FEATURES), fc.integer({ min: 1, max: 7 }), (contexts, batch) => {
        const fold = Float64Array.of(1, 0.3, 2, 0.125, 1);
        const state = scanOf(plan, contexts, batch, fold);
        for (let feature = 0; feature < FEATURES; feature++) {
          const all = firings(contexts, feature, fold[feature]);
          const max = Math.max(0, ...all.map(({ value }) => value));
          expect(state.count[feature]).toBe(all.length);
          expect(state.max[feature]).toBe(max);
          expect(state.sum[feature]).toBeCloseTo(
            all.reduce((sum, { value }) => sum + value, 0),
            9,
          );
          expect(state.sumSquares[feature]).toBeCloseTo(
            all.reduce((sum, { value }) => sum + value ** 2, 0),
            9,
          );
          if (all.length === 0) continue;
          const range = 2 ** exponentOf(max);
          expect(max).toBeLessThan(range);
          expect(max).toBeGreaterThanOrEqual(range / 2);
          const bins = Array.from({ length: BINS }, () => 0);
          for (const { value } of all) {
            const bin = Math.floor((value * BINS) / range);
            bins[bin] = (bins[bin] ?? 0) + 1;
          }
          expect([...state.strengths.bins.subarray(feature * BINS, (feature + 1) * BINS)]).toEqual(
            bins,
          );
          const kept = (group: number): string[] =>
            placesOf(state, state.examples.of(feature, group));
          expect(kept(SAMPLE)).toEqual(
            all.toSorted(byHash).slice(0, SMALL.sample).map(place).toSorted(),
          );
          for (let i = 0; i < STRATA; i++) {
            const stratum = all.filter(({ value }) => Math.floor((value * STRATA) / range) === i);
            expect(kept(FIRST_STRATUM + i)).toEqual(
              stratum.toSorted(byHash).slice(0, SMALL.perStratum).map(place).toSorted(),
            );
          }
          const strongest = new Map<TestContext, Fired>();
          for (const one of all) {
            const best = strongest.get(one.context);
            if (!best || one.value > best.value) strongest.set(one.context, one);
          }
          expect(kept(TOP)).toEqual(
            [...strongest.values()].toSorted(byValue).slice(0, SMALL.top).map(place).toSorted(),
          );
          expect([...state.sketches.of(feature)].toSorted((a, b) => a - b)).toEqual(
            all
              .toSorted(byHash)
              .slice(0, SMALL.sketch)
              .map(({ hash }) => hash),
          );
        }
      }),
    );
  });

  it("keeps the tokens around a firing, inside its context", () => {
    fc.assert(
      fc.property(arbitraryCorpus(FEATURES), (contexts) => {
        const state = scanOf(plan, contexts);
        for (let feature = 0; feature < FEATURES; feature++) {
          for (const firing of state.examples.of(feature, SAMPLE)) {
            const context = contexts.find(
              ({ source, document, start, ids }) =>
                source === state.sources.name(firing.source) &&
                document === firing.document &&
                firing.position >= start &&
                firing.position < start + ids.length - 1,
            );
            const tokens = context?.ids.slice(1) ?? [];
            const at = firing.position - (context?.start ?? 0);
            const from = at - firing.peak;
            expect(firing.ids.length).toBe(Math.min(SMALL.window, tokens.length));
            expect([...firing.ids]).toEqual(tokens.slice(from, from + firing.ids.length));
            expect([...firing.activations]).toEqual(
              [...firing.ids].map((_, i) => context?.rows[1 + from + i]?.get(feature) ?? 0),
            );
            expect(firing.activations[firing.peak]).toBe(firing.value);
            const before = Math.min(at, Math.floor((SMALL.window * 5) / 8));
            expect(firing.peak).toBeGreaterThanOrEqual(before);
          }
        }
      }),
    );
  });

  it("sums over tokens, BOS left out", () => {
    fc.assert(
      fc.property(arbitraryCorpus(FEATURES), (contexts) => {
        const state = scanOf(plan, contexts, 2);
        const rows = contexts.flatMap(({ rows: all, squaredError }) =>
          all.slice(1).map((row, at) => ({ l0: row.size, at, error: squaredError[at + 1] ?? 0 })),
        );
        expect(state.tokens).toBe(rows.length);
        expect(state.contexts).toBe(contexts.length);
        state.l0.forEach((tokens, l0) =>
          expect(tokens).toBe(rows.filter((row) => row.l0 === l0).length),
        );
        state.tokensAt.forEach((tokens, at) => {
          const here = rows.filter((row) => row.at === at);
          expect(tokens).toBe(here.length);
          expect(state.l0At[at]).toBe(here.reduce((sum, { l0 }) => sum + l0, 0));
          expect(state.squaredErrorAt[at]).toBeCloseTo(
            here.reduce((sum, { error }) => sum + error, 0),
            9,
          );
        });
        expect(state.sums[0]).toBe(contexts.length);
      }),
    );
  });
});

describe("merging", () => {
  it("of parts gives the whole, in whatever order and however they were batched", () => {
    const parts = arbitraryCorpus(FEATURES).chain((contexts) => {
      const documents = [
        ...new Set(contexts.map(({ source, document }) => `${source}/${document}`)),
      ];
      return fc
        .array(fc.integer({ min: 0, max: 2 }), {
          minLength: documents.length,
          maxLength: documents.length,
        })
        .map((owners) => ({
          contexts,
          parts: [0, 1, 2].map((owner) =>
            contexts.filter(
              ({ source, document }) =>
                owners[documents.indexOf(`${source}/${document}`)] === owner,
            ),
          ),
        }));
    });
    fc.assert(
      fc.property(
        parts,
        fc.integer({ min: 1, max: 9 }),
        ({ contexts, parts: [a, b, c] }, batch) => {
          const whole = scanOf(plan, contexts);
          const [x, y, z] = [a, b, c].map((part) => scanOf(plan, part ?? [], batch));
          if (!x || !y || !z) throw new Error("three parts");
          for (const merged of [merge(merge(x, y), z), merge(z, merge(y, x))]) {
            expect(content(merged)).toEqual(content(whole));
            const wanted = sums(whole);
            sums(merged).forEach((sum, i) => expect(sum).toBeCloseTo(wanted[i] ?? NaN, 9));
          }
        },
      ),
    );
  });

  const one = fc.sample(arbitraryCorpus(FEATURES), { numRuns: 1, seed: 7 })[0] ?? [];

  it("refuses a document that both have read", () => {
    const state = scanOf(plan, one);
    expect(() => merge(state, state)).toThrow(/document \d+ of .* was read by both/);
  });

  it("refuses another model, SAE, version or setting, and names it", () => {
    const state = scanOf(plan, one);
    const { subject, settings } = plan;
    const others = [
      [{ ...plan, version: 2 }, "version"],
      [{ ...plan, settings: { ...settings, seed: 5 } }, "settings.seed"],
      [{ ...plan, subject: { ...subject, contextSize: 8 } }, "subject.contextSize"],
      [
        { ...plan, subject: { ...subject, model: { ...subject.model, activation: "erf" } } },
        "subject.model.activation",
      ],
      [
        { ...plan, subject: { ...subject, sae: { ...subject.sae, revision: "3" } } },
        "subject.sae.revision",
      ],
    ] as const;
    for (const [other, name] of others)
      expect(() => merge(state, scanOf(other, []))).toThrow(`${name} is`);
  });
});

it("adds up documents without a text, source by source", () => {
  const read = (name: string, first: number, withoutText: number) => ({
    name,
    ranges: [[first, first + 5] as const],
    ...(withoutText > 0 && { withoutText }),
  });
  expect(
    joinSources([read("a", 0, 2), read("b", 0, 0)], [read("a", 5, 3), read("c", 0, 1)]),
  ).toEqual([
    { name: "a", ranges: [[0, 10]], withoutText: 5 },
    { name: "b", ranges: [[0, 5]] },
    { name: "c", ranges: [[0, 5]], withoutText: 1 },
  ]);
});

describe("a batch in which a number overflowed", () => {
  const ids = Uint32Array.of(2, 7, 8);
  const contexts = [{ source: "a", document: 4, start: 10, length: 3 }];
  const rowStart = Uint32Array.of(0, 0, 1, 2);
  const index = Uint32Array.of(0, 1);
  const batchOf = (value: number, error: number, bos = 0) => ({
    contexts,
    ids,
    features: { rowStart, index, value: Float32Array.of(1, value) },
    squaredError: Float32Array.of(bos, 0, error),
  });

  it.each([
    ["a strength", batchOf(NaN, 0), 1],
    ["an error", batchOf(1, Infinity), 1],
    ["a strength, once folded", batchOf(3e38, 0), 10],
  ])("is refused with its place, and nothing of it is added: %s", (_, batch, norm) => {
    const state = scanOf(plan, [], 1);
    const fold = new Float64Array(FEATURES).fill(norm);
    expect(() => state.add(batch, fold)).toThrow(
      expect.objectContaining({
        code: "Unsupported",
        message: expect.stringContaining("token 11 of document 4 in a") as string,
      }) as Error,
    );
    expect(state.tokens).toBe(0);
    expect(state.sources.list()).toEqual([]);
    expect(state.count.every((count) => count === 0)).toBe(true);
  });

  it("is taken where only BOS is so", () => {
    const state = scanOf(plan, [], 1);
    state.add(batchOf(1, 0, NaN), new Float64Array(FEATURES).fill(1));
    expect(state.tokens).toBe(2);
  });
});
