// Numbers, histograms, rates, advice and code: what the page says in words and figures.

import { describe, expect, test } from "vitest";
import { ERROR_CODES } from "../../../src/lib/errors.ts";
import type { Provenance } from "../../../src/lib/report.ts";
import { DEFAULT_VIEW, type View } from "../../../src/state/view.ts";
import { randomFeature, stepFeature } from "../../../src/ui/feature/walk.ts";
import {
  bytes,
  count,
  duration,
  number,
  percent,
  short,
  signed,
} from "../../../src/ui/shared/format.ts";
import { histogram, integerHistogram, roundTicks } from "../../../src/ui/shared/histogram.ts";
import { stretches } from "../../../src/ui/shared/Spark.tsx";
import { errorAdvice } from "../../../src/ui/shell/errorAdvice.ts";
import { addSample, rate, timeLeft, type Sample } from "../../../src/ui/shell/rate.ts";
import { saelensCode } from "../../../src/ui/shell/saelensCode.ts";
import { shareCard } from "../../../src/ui/shell/shareCard.ts";
import { embedCode, markdownCard } from "../../../src/ui/shell/takeAway.ts";

describe("numbers", () => {
  test.each([
    [null, "–"],
    [Number.NaN, "–"],
    [0, "0"],
    [12, "12"],
    [3.2049, "3.205"],
    [-0.0421, "−0.042"],
    [24.0908, "24.09"],
    [542.554, "542.6"],
    [81276, "81,276"],
    [0.0003464, "3.46e−4"],
    [-Infinity, "−∞"],
  ])("%d is %s", (value, text) => expect(number(value)).toBe(text));

  test("short, signed, shares, bytes, times", () => {
    expect([short(9.13), short(0.04), short(130.4)]).toEqual(["9.1", "0.04", "130"]);
    expect([signed(0.12), signed(-0.12), signed(null)]).toEqual(["+0.120", "−0.120", "–"]);
    expect([percent(0.0421), percent(0.5), percent(0), percent(1e-9)]).toEqual([
      "4.2 %",
      "50.0 %",
      "0 %",
      "< 0.001 %",
    ]);
    expect([bytes(812), bytes(3_908_744), bytes(5_010_000_000)]).toEqual([
      "812 B",
      "3.91 MB",
      "5.01 GB",
    ]);
    expect([duration(0.2), duration(12), duration(600), duration(9000)]).toEqual([
      "under a second",
      "12 s",
      "10 min",
      "2.5 h",
    ]);
    expect(count(16384)).toBe("16,384");
  });
});

describe("histograms", () => {
  test("every finite value is counted once; the largest falls into the last bin", () => {
    const values = [0, 0.1, 0.9, 1, Number.NaN, Infinity];
    const { edges, counts } = histogram(values, 4);
    expect(edges).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(counts).toEqual([2, 0, 0, 2]);
  });

  test("equal values make one bin, no values none", () => {
    expect(histogram([2, 2, 2], 10)).toEqual({ edges: [2, 2], counts: [3] });
    // Strengths are drawn from 0, however few there are.
    expect(histogram([2], 2, 0)).toEqual({ edges: [0, 1, 2], counts: [0, 1] });
    expect(histogram([], 10)).toEqual({ edges: [], counts: [] });
  });

  test("whole numbers get bins of whole width", () => {
    expect(integerHistogram([3, 4, 4, 7], 32)).toEqual({
      edges: [3, 4, 5, 6, 7, 8],
      counts: [1, 2, 0, 0, 1],
    });
    expect(integerHistogram([0, 99], 10)).toEqual({
      edges: Array.from({ length: 11 }, (_, k) => 10 * k),
      counts: [1, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    });
  });

  test("ticks are round and inside", () => {
    expect(roundTicks(-0.53, 0.9, 6)).toEqual([-0.5, 0, 0.5]);
    expect(roundTicks(4.5, 54.5, 6, true)).toEqual([10, 20, 30, 40, 50]);
    expect(roundTicks(1, 1, 6)).toEqual([1]);
  });

  test("a long profile keeps each stretch's strongest", () => {
    expect(stretches([0, 3, 1, 9], 2)).toEqual([3, 9]);
    expect(stretches([1, 2], 88)).toEqual([1, 2]);
  });
});

describe("rate and time left", () => {
  test("follow the last seconds, start anew with another stage, and are unknown at first", () => {
    let samples: readonly Sample[] = [];
    samples = addSample(samples, { time: 0, done: 0 });
    expect(rate(samples)).toBeNull();
    samples = addSample(samples, { time: 1000, done: 5e6 });
    expect(rate(samples)).toBeCloseTo(5e6);
    expect(timeLeft(5e6, 5e6, 20e6)).toBeCloseTo(3);
    samples = addSample(samples, { time: 9000, done: 6e6 });
    samples = addSample(samples, { time: 10000, done: 7e6 });
    expect(rate(samples)).toBeCloseTo(1e6);
    expect(addSample(samples, { time: 11000, done: 10 })).toEqual([{ time: 11000, done: 10 }]);
    expect(timeLeft(null, 1, 2)).toBeNull();
    expect(timeLeft(5, 1, null)).toBeNull();
  });
});

test("every error code has a heading and a next step, and so has an error without code", () => {
  const advice = [...ERROR_CODES, null].map(errorAdvice);
  for (const { title, next } of advice) {
    expect(title.length).toBeGreaterThan(5);
    expect(next.length).toBeGreaterThan(10);
  }
  expect(new Set(advice.map(({ title }) => title)).size).toBe(ERROR_CODES.length + 1);
});

test("features are walked round the ends", () => {
  expect([
    stepFeature(0, -1, 10),
    stepFeature(9, 1, 10),
    stepFeature(null, 1, 10),
    stepFeature(null, -1, 10),
  ]).toEqual([9, 0, 0, 9]);
  expect([randomFeature(10, 0), randomFeature(10, 0.999999)]).toEqual([0, 9]);
});

describe("SAELens code", () => {
  const provenance: Provenance = {
    facet: "0.1.0",
    model: { source: "google/gemma-2b", revision: "abc", precision: "bf16", activation: "erf" },
    sae: {
      source: "jbloom/Gemma-2b-Residual-Stream-SAEs",
      revision: "def",
      folder: "six",
      hook: "blocks.6.hook_resid_post",
      dIn: 2048,
      dSae: 16384,
      architecture: "standard",
      prependBos: true,
    },
    backend: { name: "webgpu" },
  };
  const shown = (view: Partial<View>, made = provenance): Parameters<typeof saelensCode>[0] =>
    ({
      view: { ...DEFAULT_VIEW, ...view },
      card: { data: { provenance: made } },
      analysis: {
        data: {
          tokens: [
            { id: 2, special: true },
            { id: 714, special: false },
          ],
        },
      },
      comparison: {
        data: { sides: [{}, { analysis: { ...made, sae: { ...made.sae, folder: "ten" } } }] },
      },
    }) as unknown as Parameters<typeof saelensCode>[0];

  test("names commits, layer, GELU, the very ids and the feature", () => {
    const code = saelensCode(shown({ feature: 1571 }));
    for (const part of [
      'snapshot_download("google/gemma-2b", revision="abc")',
      'revision="def", allow_patterns="six/*") + "/six"',
      "model.model.layers[6]",
      'approximate="none"',
      "torch.tensor([[2, 714]])",
      "folded[:, 1571]",
    ]) {
      expect(code).toContain(part);
    }
  });

  test("each place has code of its own, for the same ids", () => {
    const list = [{ feature: 5, note: 'a "note"' }];
    const codes = (["text", "feature", "sae", "find", "compare"] as const).map((place) =>
      saelensCode(shown({ place, feature: 7, list })),
    );
    expect(new Set(codes).size).toBe(5);
    for (const code of codes) expect(code).toContain("torch.tensor([[2, 714]])");
    expect(codes[1]).toContain("lens.topk(10)");
    expect(codes[2]).toContain("torch.tensor([0, 1]).bool()");
    expect(codes[3]).toContain(String.raw`5: "a \"note\"",`);
    expect(codes[4]).toContain('allow_patterns="ten/*"');
    expect(saelensCode(shown({ place: "sae", mask: "all" }))).toContain("torch.tensor([1, 1])");
  });

  test("says where Facet's weights are rounded and Python's are not", () => {
    const rounded = { ...provenance, model: { ...provenance.model, precision: "int4" as const } };
    expect(saelensCode(shown({}, rounded))).toContain("in int4");
    expect(saelensCode(shown({}))).not.toContain("the file's are used");
  });

  test("a hostile source stays inside its string", () => {
    const hostile = { ...provenance, model: { ...provenance.model, source: 'x"); import os #\n' } };
    const line = saelensCode(shown({}, hostile))
      .split("\n")
      .find((text) => text.startsWith("model_path"));
    expect(line).toContain(String.raw`snapshot_download("x\"); import os #\n"`);
  });
});

describe("share cards", () => {
  const state = (view: Partial<View>): Parameters<typeof shareCard>[0] =>
    ({
      view: { ...DEFAULT_VIEW, ...view },
      card: { data: null },
      analysis: { data: null },
      feature: { data: null },
    }) as unknown as Parameters<typeof shareCard>[0];

  test("every place has one, and no title holds the reader's text", () => {
    const cards = (["text", "feature", "sae", "find", "compare"] as const).map((place) =>
      shareCard(state({ place, text: "my secret", otherSae: "other" }), 7, "verbs"),
    );
    expect(new Set(cards.map(({ title }) => title)).size).toBe(5);
    expect(cards.map(({ title }) => title).join()).not.toContain("secret");
    expect(cards[0]?.description).toContain("my secret");
    expect(cards[1]?.title).toContain("Feature 7, “verbs”");
  });

  test("hostile names are made visible and short", () => {
    const { title, description } = shareCard(
      state({ text: `\u202E${"a".repeat(500)}` }),
      null,
      "x".repeat(500),
    );
    expect(description).not.toContain("\u202E");
    expect(title.length + description.length).toBeLessThan(500);
  });

  test("Markdown and HTML keep what they are given as text", () => {
    const card = { title: 'a]("x)<b>', description: "*d*" };
    const link = 'https://facet.example/#text=it\'s (a) "b"';
    expect(markdownCard(card, link)).toBe(
      '[a\\]\\("x\\)\\<b\\>](https://facet.example/#text=it%27s %28a%29 "b")\n\\*d\\*\n',
    );
    expect(embedCode(card, link)).toContain(
      'src="https://facet.example/#text=it\'s (a) &quot;b&quot;" title="a](&quot;x)&lt;b&gt;"',
    );
  });
});
