// Which number colours a token, how strongly, and how it is said; against the demo's goldens.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Analysis, TokenReport, Verification } from "../../../src/lib/report.ts";
import { corpusMaximum } from "../../../src/ui/shared/knownMaximum.ts";
import {
  profile,
  rankText,
  rankToken,
  type RankOptions,
} from "../../../src/ui/tokens/rankFeatures.ts";
import {
  colourValues,
  featureValues,
  shade,
  spokenToken,
  strongest,
} from "../../../src/ui/tokens/tokenValues.ts";

interface Golden {
  readonly sae: string;
  readonly text: string;
  readonly activation: "tanh" | "erf";
  readonly report: {
    readonly tokens: Omit<TokenReport, "special">[];
    readonly perToken: NonNullable<Verification["perToken"]>;
  };
}

const GOLDENS = JSON.parse(
  readFileSync(new URL("../../fixtures/demo/goldens.json", import.meta.url), "utf8"),
) as Golden[];
const golden = GOLDENS.find(
  ({ sae, activation }) => sae === "blocks.3.hook_resid_post_fast_lr" && activation === "tanh",
);
if (golden === undefined) throw new Error("The goldens lack the demo's first preset.");

const analysis: Analysis = {
  schema: "facet.analysis/1",
  facet: "0",
  model: { source: "demo", revision: "a", precision: "bf16", activation: "tanh" },
  sae: {
    source: "demo",
    revision: "b",
    folder: "f",
    hook: "h",
    dIn: 128,
    dSae: 2048,
    architecture: "standard",
    prependBos: true,
  },
  backend: { name: "tfjs-cpu" },
  text: golden.text,
  mask: "nonspecial",
  tokens: golden.report.tokens.map((token) => ({ ...token, special: token.position === 0 })),
  l0: { mean: null, median: null, max: null },
  truncated: false,
  totalTokens: golden.report.tokens.length,
  saeContext: 256,
};
const OPTIONS: RankOptions = {
  ranking: "sum",
  units: "folded",
  logDensity: null,
  minLogDensity: null,
  maxLogDensity: null,
};

describe("ranking over the text", () => {
  const brute = (index: number): number[] =>
    analysis.tokens
      .slice(1)
      .flatMap((token) => token.features.filter((f) => f.index === index).map((f) => f.folded));

  test.each(["max", "sum", "count"] as const)(
    "by %s, strongest first, as counted by hand",
    (ranking) => {
      const ranked = rankText(analysis.tokens, { ...OPTIONS, ranking });
      const expected = {
        max: (values: number[]) => Math.max(...values),
        sum: (values: number[]) => values.reduce((a, b) => a + b, 0),
        count: (values: number[]) => values.length,
      }[ranking];
      expect(ranked.length).toBeGreaterThan(200);
      for (const { index, value } of ranked) expect(value).toBeCloseTo(expected(brute(index)), 9);
      const values = ranked.map(({ value }) => value);
      expect(values).toEqual(values.toSorted((a, b) => b - a));
    },
  );

  test("BOS alone decides nothing: features that fire only there are left out", () => {
    const onlyBos = analysis.tokens[0]?.features.filter((f) => brute(f.index).length === 0) ?? [];
    expect(onlyBos.length).toBeGreaterThan(0);
    const ranked = new Set(rankText(analysis.tokens, OPTIONS).map(({ index }) => index));
    expect(onlyBos.filter((f) => ranked.has(f.index))).toEqual([]);
  });

  test("the density filter keeps what is at the limit and drops what is denser", () => {
    const logDensity = new Float32Array(2048).fill(-3);
    const [first, second] = rankText(analysis.tokens, OPTIONS);
    logDensity[first?.index ?? 0] = -1;
    logDensity[second?.index ?? 0] = -2;
    const kept = rankText(analysis.tokens, { ...OPTIONS, logDensity, maxLogDensity: -2 }).map(
      (f) => f.index,
    );
    expect(kept).not.toContain(first?.index);
    expect(kept).toContain(second?.index);
  });

  test("a token's features are ranked in the chosen unit", () => {
    const token = analysis.tokens[11];
    if (token === undefined) throw new Error("no token 11");
    const raw = rankToken(token, { ...OPTIONS, units: "raw" });
    expect(raw.map((f) => f.value)).toEqual(
      token.features.map((f) => f.raw).toSorted((a, b) => b - a),
    );
  });
});

describe("values of tokens", () => {
  test("a feature's activations, specials outside the scale, top of this text or of what was seen", () => {
    const values = featureValues(analysis, 1139, "folded", null);
    expect(values.values[0]).toBeNull();
    expect(values.values.slice(1)).toEqual(profile(analysis.tokens, 1139, "folded").slice(1));
    expect(values.top).toBe(Math.max(...profile(analysis.tokens, 1139, "folded")));
    expect(featureValues(analysis, 1139, "folded", 99).top).toBe(99);
  });

  test("a feature that does not fire has a scale all the same", () => {
    expect(featureValues(analysis, 2047, "folded", null).top).toBe(1);
  });

  test("CE change belongs to the token that predicts; the last has none", () => {
    const verification = { perToken: golden.report.perToken } as unknown as Verification;
    const values = colourValues("ce", analysis, verification);
    const third = golden.report.perToken[3];
    expect(values.values[3]).toBeCloseTo((third?.ceSae ?? 0) - (third?.ceClean ?? 0), 12);
    expect(values.values.at(-1)).toBeNull();
    expect(values.signed).toBe(true);
    expect(colourValues("ce", analysis, null).values.every((value) => value === null)).toBe(true);
  });

  test("L0 and squared error are the report's", () => {
    expect(colourValues("l0", analysis, null).values[5]).toBe(analysis.tokens[5]?.l0);
    expect(colourValues("error", analysis, null).values[5]).toBe(analysis.tokens[5]?.squaredError);
  });
});

describe("shade", () => {
  test("nothing for nothing, faint but visible for little, saturated for the top", () => {
    expect(shade(null, 9)).toBeNull();
    expect(shade(0, 9)).toBeNull();
    expect(shade(1e-9, 9)?.strength).toBeGreaterThan(0.05);
    expect(shade(9, 9)).toEqual({ strength: 1, negative: false, flip: true });
    expect(shade(-20, 9)).toEqual({ strength: 1, negative: true, flip: true });
  });

  test("grows with the value", () => {
    const strengths = [1, 2, 4, 8].map((value) => shade(value, 8)?.strength ?? 0);
    expect(strengths).toEqual(strengths.toSorted((a, b) => a - b));
    expect(new Set(strengths).size).toBe(4);
  });
});

test("a glyph of several tokens has the largest value in size, with its sign", () => {
  expect(strongest([1, -5, 3], 0, 2)).toBe(-5);
  expect(strongest([null, null], 0, 1)).toBeNull();
  expect(strongest([1, 2, 9], 0, 1)).toBe(2);
});

test("a token in words", () => {
  const scale = featureValues(analysis, 1139, "folded", null);
  expect(spokenToken("▁the", false, 3.2, { ...scale, top: 9.1 })).toBe(
    "token the, activation 3.2 of 9.1",
  );
  expect(spokenToken("<bos>", true, null, scale)).toBe("token <bos>, special, outside the scale");
  const ce = { ...scale, signed: true, name: "CE change", top: 1.5 };
  expect(spokenToken("▁the", false, -0.123, ce)).toBe(
    "token the, CE change −0.123, scale to ±1.500",
  );
});

describe("known maxima", () => {
  test("of the corpus are folded, and raw where they are asked for so", () => {
    const scan = { max: Float32Array.of(0, 12) };
    const norms = Float32Array.of(1, 1.5);
    expect(corpusMaximum(scan, norms, 1, "folded")).toBe(12);
    expect(corpusMaximum(scan, norms, 1, "raw")).toBe(8);
    expect(corpusMaximum(scan, norms, 0, "folded"), "never fired").toBeNull();
    expect(corpusMaximum(null, norms, 1, "folded"), "no scan").toBeNull();
    expect(corpusMaximum(scan, undefined, 1, "raw"), "nothing is open").toBeNull();
  });
});
