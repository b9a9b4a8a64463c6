// Activations as rows: reports made of them look as lists always did, lookups and sums are those of the lists, and all of
// it stands again on the other side of a channel.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Units } from "../../../src/lib/activations.ts";
import { packingOf, PACKINGS } from "../../../src/lib/packing.ts";
import type {
  Analysis,
  Comparison,
  FeatureActivation,
  TokenReport,
} from "../../../src/lib/report.ts";
import { activationsOf, rowsOf } from "../../../src/lib/tokenRows.ts";

const UNITS: readonly Units[] = ["raw", "folded"];
const FEATURES = 12;

const list = fc
  .uniqueArray(
    fc.record(
      {
        index: fc.nat(FEATURES - 1),
        // Equal values are common: the first of equals must win as it does in lists.
        raw: fc.oneof(
          fc.constantFrom(1, 2, 3),
          fc.float({ min: Math.fround(1e-3), max: 1e3, noNaN: true }),
        ),
        folded: fc.double({ min: 0, max: 1e6, noNaN: true }),
      },
      { noNullPrototype: true },
    ),
    { selector: ({ index }) => index, maxLength: FEATURES },
  )
  .map((found) => found.toSorted((a, b) => b.folded - a.folded || a.index - b.index));

/** Plain tokens, as a file of JSON has them. */
const texts: fc.Arbitrary<TokenReport[]> = fc
  .array(fc.tuple(list, fc.boolean()), { maxLength: 9 })
  .map((tokens) =>
    tokens.map(([features, special], position) => ({
      position,
      id: 7 * position,
      token: `▁${position}`,
      special,
      l0: features.length,
      norm: position + 0.5,
      squaredError: position / 3,
      features,
    })),
  );

const tokenWith = (features: FeatureActivation[]): TokenReport => ({
  position: 0,
  id: 2,
  token: "a",
  special: false,
  l0: features.length,
  norm: 1,
  squaredError: 1,
  features,
});

const analysisOf = (tokens: TokenReport[]): Analysis => ({
  schema: "facet.analysis/1",
  facet: "0",
  model: { source: "m", revision: "r", precision: "f32", activation: "tanh" },
  sae: {
    source: "s",
    revision: "r",
    folder: "",
    hook: "blocks.0.hook_resid_post",
    dIn: 4,
    dSae: FEATURES,
    architecture: "standard",
    prependBos: true,
  },
  backend: { name: "tfjs-cpu" },
  text: "text",
  mask: "all",
  tokens,
  l0: { mean: 1, median: 1, max: 1 },
  truncated: false,
  totalTokens: tokens.length,
  saeContext: null,
});

/** Over a channel as from the worker to the page. */
function sent<T>(name: keyof typeof PACKINGS, result: T): T {
  const { pack, unpack, moved } = packingOf(name);
  const packed = pack(result);
  return unpack(structuredClone(packed, { transfer: moved(packed) })) as T;
}

const comparisonOf = (a: TokenReport[], b: TokenReport[]): Comparison => {
  const saeRun = {
    namedArchitecture: "standard",
    normalization: "none",
    normScalingFactor: null,
    rescaleActsByDecoderNorm: false,
    scalesFeatures: false,
    prependBos: true,
  } as const;
  return {
    schema: "facet.comparison/1",
    mask: "all",
    sides: [
      { analysis: analysisOf(a), verification: null, saeRun },
      { analysis: analysisOf(b), verification: null, saeRun },
    ],
    matches: [[{ feature: 1, match: 2, cosine: 0.5 }], []],
    bytesBeside: 9,
  };
};

describe("a report that was sent as rows", () => {
  test("reads as the one with lists: as it is, as JSON, cloned, copied", () => {
    fc.assert(
      fc.property(texts, (tokens) => {
        const whole = analysisOf(tokens);
        const arrived = sent("analysis", analysisOf(structuredClone(tokens)));
        expect(JSON.stringify(arrived)).toBe(JSON.stringify(whole));
        expect(structuredClone(arrived)).toStrictEqual(whole);
        expect({ ...arrived, tokens: arrived.tokens.map((token) => ({ ...token })) }).toStrictEqual(
          whole,
        );
        expect(Object.keys(arrived)).toEqual(Object.keys(whole));
      }),
    );
  });

  test("is sent on as well as it came, read before or not", () => {
    fc.assert(
      fc.property(texts, fc.boolean(), (tokens, read) => {
        const json = JSON.stringify(analysisOf(tokens));
        const once = sent("analysis", analysisOf(tokens));
        if (read) expect(JSON.stringify(once)).toBe(json);
        expect(JSON.stringify(sent("analysis", once))).toBe(json);
      }),
    );
  });

  test("both sides of a comparison arrive, in the order of their fields", () => {
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        const json = JSON.stringify(comparisonOf(a, b));
        expect(JSON.stringify(sent("comparison", comparisonOf(a, b)))).toBe(json);
      }),
    );
  });

  test("holds one list a token, which is the script's to change", () => {
    const [token] = sent(
      "analysis",
      analysisOf([tokenWith([{ index: 3, raw: 1, folded: 2 }])]),
    ).tokens;
    if (token === undefined) throw new Error("no token arrived");
    expect(token.features).toBe(token.features);
    token.features.push({ index: 4, raw: 1, folded: 1 });
    expect(token.features).toHaveLength(2);
    token.features = [];
    expect(JSON.parse(JSON.stringify(token))).toMatchObject({ features: [] });
  });

  test("moves its buffers, and takes no list along", () => {
    const packed = PACKINGS.analysis.pack(
      analysisOf([tokenWith([{ index: 3, raw: 1, folded: 2 }])]),
    );
    const { rows, facts } = packed.tokens;
    expect(facts.every((token) => !("features" in token))).toBe(true);
    expect(PACKINGS.analysis.moved(packed)).toEqual([
      rows.rowStart.buffer,
      rows.index.buffer,
      rows.raw.buffer,
      rows.folded.buffer,
    ]);
    structuredClone(packed, { transfer: PACKINGS.analysis.moved(packed) });
    expect(rows.index.byteLength).toBe(0);
  });
});

describe("what is looked up in rows is what the lists say", () => {
  const each = (check: (tokens: TokenReport[], feature: number, units: Units) => void): void =>
    fc.assert(
      fc.property(texts, fc.nat(FEATURES), fc.constantFrom(...UNITS), (tokens, feature, units) =>
        check(tokens, feature, units),
      ),
    );
  const values = (tokens: readonly TokenReport[], feature: number, units: Units): number[] =>
    tokens.map(({ features }) => features.find(({ index }) => index === feature)?.[units] ?? 0);

  test("a feature's strength at a token and along the text", () => {
    each((tokens, feature, units) => {
      const expected = values(tokens, feature, units);
      const activations = activationsOf(tokens);
      expect(activations.tokens).toBe(tokens.length);
      expect(activations.along(feature, units)).toEqual(expected);
      expect(tokens.map((_, t) => activations.at(t, feature, units))).toEqual(expected);
    });
  });

  test("which features fire at all", () => {
    each((tokens) => {
      const named = new Set(tokens.flatMap(({ features }) => features.map(({ index }) => index)));
      expect(new Set(activationsOf(tokens).features)).toEqual(named);
    });
  });

  test("a feature over the tokens that count", () => {
    each((tokens, feature, units) => {
      const found = tokens.flatMap(({ special, position, features }) =>
        special
          ? []
          : features
              .filter(({ index }) => index === feature)
              .map((active) => ({ at: position, value: active[units] })),
      );
      const max = Math.max(...found.map(({ value }) => value));
      expect(
        activationsOf(tokens).tally(
          feature,
          units,
          tokens.map(({ special }) => !special),
        ),
      ).toEqual(
        found.length === 0
          ? null
          : {
              max,
              sum: found.reduce((sum, { value }) => sum + value, 0),
              count: found.length,
              at: found.find(({ value }) => value === max)?.at,
            },
      );
    });
  });

  test("a copy of a report has rows of its own", () => {
    fc.assert(
      fc.property(texts, (tokens) => {
        expect(rowsOf(structuredClone(tokens))).toEqual(rowsOf(tokens));
      }),
    );
  });
});
