// The SAE place's pure parts: the map's geometry and counts, the table of checks.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Published, Verification } from "../../../src/lib/report.ts";
import {
  densityCounts,
  densityStrength,
  featureAt,
  mapLayout,
  moveCursor,
} from "../../../src/ui/sae/deadMap.ts";
import { meansByPosition } from "../../../src/ui/sae/positions.ts";
import {
  otherPublished,
  publishedNote,
  scopeOf,
  verifyRows,
} from "../../../src/ui/sae/verifyRows.ts";

describe("the map", () => {
  test.each([
    [1, 1, 1],
    [1024, 32, 32],
    [2048, 64, 32],
    [16384, 128, 128],
    [24576, 256, 96],
  ])("%i features lie in %i columns and %i rows", (features, columns, rows) => {
    expect(mapLayout(features, 512)).toEqual({ columns, rows, cell: 512 / columns });
  });

  test("every feature is found again under its own cell, nothing outside", () => {
    const layout = mapLayout(100, 400);
    for (let feature = 0; feature < 100; feature++) {
      const x = ((feature % layout.columns) + 0.5) * layout.cell;
      const y = (Math.floor(feature / layout.columns) + 0.5) * layout.cell;
      expect(featureAt(layout, 100, x, y)).toBe(feature);
    }
    expect(featureAt(layout, 100, 399, layout.cell * layout.rows - 1)).toBeNull();
    expect(featureAt(layout, 100, -1, 5)).toBeNull();
    expect(featureAt(layout, 100, 401, 5)).toBeNull();
    expect(featureAt(layout, 100, 5, -1)).toBeNull();
  });

  test("keys move a cell or a row and stop at the ends", () => {
    const layout = mapLayout(2048, 640);
    expect(moveCursor("ArrowRight", 5, layout, 2048)).toBe(6);
    expect(moveCursor("ArrowDown", 5, layout, 2048)).toBe(69);
    expect(moveCursor("ArrowUp", 5, layout, 2048)).toBe(0);
    expect(moveCursor("End", 5, layout, 2048)).toBe(2047);
    expect(moveCursor("ArrowRight", 2047, layout, 2048)).toBe(2047);
    expect(moveCursor("a", 5, layout, 2048)).toBeNull();
  });

  test("the demo's sparsity file gives the card's counts of dead features", () => {
    const root = new URL("../../../public/demo/", import.meta.url);
    const card = JSON.parse(readFileSync(new URL("card.json", root), "utf8")) as {
      saes: { id: string; deadBySparsityFile: Record<string, number> }[];
    };
    for (const { id, deadBySparsityFile } of card.saes) {
      const file = readFileSync(new URL(`sae/${id}/sparsity.safetensors`, root));
      const start = 8 + Number(file.readBigUInt64LE(0));
      const values = Array.from({ length: (file.length - start) / 4 }, (_, i) =>
        file.readFloatLE(start + 4 * i),
      );
      for (const [threshold, dead] of Object.entries(deadBySparsityFile)) {
        expect(densityCounts(values, Number(threshold)).dead, `${id} at ${threshold}`).toBe(dead);
      }
    }
  });

  test("a feature at the threshold is dead; −10 was never seen to fire", () => {
    expect(densityCounts([-10, -5, -4.999, -1], -5)).toEqual({ dead: 2, silent: 1 });
  });

  test("denser is stronger, within bounds", () => {
    expect(densityStrength(0)).toBe(1);
    expect(densityStrength(-10)).toBeCloseTo(0.1);
    expect(densityStrength(-1)).toBeGreaterThan(densityStrength(-2));
  });
});

describe("the table of checks", () => {
  const corpus = { documents: 160, sampleDocuments: 4 };
  const published: Published[] = [
    { metric: "l0", value: 24, source: "whole", mask: "nonspecial", scope: "corpus" },
    { metric: "l0", value: 23, source: "four", mask: "nonspecial", scope: "sample" },
    { metric: "l0", value: 22, source: "four, all", mask: "all", scope: "sample" },
    { metric: "ceScore", value: 0.99, source: "card" },
    { metric: "variance explained", value: 0.7, source: "table" },
  ];
  const run = (mask: "all" | "nonspecial", l0: number): Verification =>
    ({ mask, metrics: { l0, ceScore: 0.98 } }) as unknown as Verification;
  const row = (rows: ReturnType<typeof verifyRows>, metric: string) =>
    rows.find((entry) => entry.metric === metric);

  test("a run is held against the number of the same documents and mask", () => {
    const rows = verifyRows(null, run("all", 22.5), published, "nonspecial", "sample");
    expect(row(rows, "l0")).toMatchObject({ corpus: 22.5, published: 22, source: "four, all" });
    expect(row(rows, "l0")?.difference).toBeCloseTo(0.5);
  });

  test("a number published without documents and mask is compared with any run", () => {
    const rows = verifyRows(null, run("all", 1), published, "all", "other");
    expect(row(rows, "ceScore")?.difference).toBeCloseTo(-0.01);
    expect(row(rows, "l0")).toMatchObject({ published: null, difference: null });
  });

  test("before any run the whole corpus' numbers of the chosen mask stand there, with no difference", () => {
    const rows = verifyRows(null, null, published, "nonspecial", "corpus");
    expect(row(rows, "l0")).toMatchObject({ corpus: null, published: 24, difference: null });
    expect(publishedNote(published, rows)).toBe("whole; card.");
  });

  test("names that are none of ours are kept apart", () => {
    expect(otherPublished(published).map(({ metric }) => metric)).toEqual(["variance explained"]);
  });

  test("how many documents make which scope", () => {
    expect(scopeOf(4, corpus)).toBe("sample");
    expect(scopeOf(160, corpus)).toBe("corpus");
    expect(scopeOf(7, corpus)).toBe("other");
    expect(scopeOf(4, null)).toBe("other");
  });
});

test("means by position begin after BOS, and end where no context reached", () => {
  const byPosition = { tokens: [4, 2, 0], l0: [40, 10, 0], squaredError: [2, 3, 0] };
  const sae = {
    source: "s",
    revision: "r",
    folder: "f",
    hook: "blocks.0.hook_resid_post",
    dIn: 4,
    dSae: 8,
    architecture: "standard",
    prependBos: true,
  } as const;
  const scan = { byPosition, sae };
  expect(meansByPosition(scan, "l0")).toEqual([null, 10, 5, null]);
  expect(meansByPosition(scan, "squaredError")).toEqual([null, 0.5, 1.5, null]);
  const without = { byPosition, sae: { ...sae, prependBos: false } };
  expect(meansByPosition(without, "l0")).toEqual([10, 5, null]);
});
