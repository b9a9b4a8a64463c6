// The table of all features: what stands in it, in what order, and as a file.

import { parquetReadObjects } from "hyparquet";
import { describe, expect, test } from "vitest";
import type { NearestRows, TokenLogits } from "../../../src/lib/explore.ts";
import type { ScanSummary } from "../../../src/lib/scan.ts";
import { SORT_KEYS } from "../../../src/state/view.ts";
import {
  tableData,
  tableRows,
  type RowFilter,
  type TableParts,
} from "../../../src/ui/table/featureTable.ts";
import { csvTable, parquetTable } from "../../../src/ui/table/tableFile.ts";

const SCAN = {
  tokens: 1000,
  count: Float64Array.of(10, 0, 200, 40),
  sum: Float64Array.of(20, 0, 100, 120),
  max: Float32Array.of(5, 0, 2, 8),
} as ScanSummary;
const NEAREST = {
  k: 2,
  index: Uint32Array.of(2, 1, 1, 1, 0, 3, 2, 0),
  cosine: Float32Array.of(0.5, 0.25, 0, 0, 0.5, 0.125, -0.5, -1),
} as NearestRows;
const TOKEN_LOGITS = {
  id: 7,
  withoutNorm: Float32Array.of(0, 1, 2, 3),
  withNorm: Float32Array.of(3, 2, 1, 0),
} as TokenLogits;
const PARTS: TableParts = {
  features: 4,
  decoderNorms: [1, 2, 3, 4],
  logDensity: [-2, -10, -1, -3],
  scan: SCAN,
  nearest: NEAREST,
  tokenLogits: TOKEN_LOGITS,
  lensNorm: "without",
  labels: new Map([
    [0, "beta"],
    [2, "alpha"],
    [3, "=cmd|' /C calc'!A0"],
  ]),
};
const ALL: RowFilter = { minLogDensity: null, maxLogDensity: null, only: null };

describe("columns", () => {
  test("come from the scan where there is one", () => {
    const { columns, densitySource, nearest } = tableData(PARTS);
    expect(densitySource).toBe("scan");
    expect(columns.density).toEqual(Float64Array.of(0.01, 0, 0.2, 0.04));
    expect(columns.max).toEqual(Float64Array.of(5, NaN, 2, 8));
    expect(columns.mean).toEqual(Float64Array.of(2, NaN, 0.5, 3));
    expect(columns.l0).toEqual(Float64Array.of(10 / 250, 0, 200 / 250, 40 / 250));
    expect(columns.norm).toEqual(Float64Array.of(1, 2, 3, 4));
    // Feature 1 has no direction: it stands for nobody, and nobody for it.
    expect(columns.cosine).toEqual(Float64Array.of(0.5, NaN, 0.5, -0.5));
    expect(nearest).toEqual(Uint32Array.of(2, 1, 0, 2));
  });

  test("come from the sparsity file, or not at all, without one", () => {
    const file = tableData({ ...PARTS, scan: null });
    expect(file.densitySource).toBe("file");
    expect([...(file.columns.density ?? [])]).toEqual([10 ** -2, 0, 10 ** -1, 10 ** -3]);
    expect([file.columns.max, file.columns.mean, file.columns.l0]).toEqual([null, null, null]);
    const none = tableData({ ...PARTS, scan: null, logDensity: null, nearest: null });
    expect([none.densitySource, none.columns.density, none.columns.cosine]).toEqual([
      null,
      null,
      null,
    ]);
  });

  test("of a token's logits follow the lens that is asked for", () => {
    expect(tableData(PARTS).columns.promotes).toEqual(Float64Array.of(0, 1, 2, 3));
    expect(tableData({ ...PARTS, lensNorm: "with" }).columns.promotes).toEqual(
      Float64Array.of(3, 2, 1, 0),
    );
    expect(tableData({ ...PARTS, tokenLogits: null }).columns.promotes).toBeNull();
  });
});

describe("rows", () => {
  const data = tableData(PARTS);
  const order = (...how: [(typeof SORT_KEYS)[number], boolean]): number[] => [
    ...tableRows(data, ALL, ...how),
  ];

  test("are sorted either way, what has no value last in both", () => {
    expect(order("index", true)).toEqual([3, 2, 1, 0]);
    expect(order("density", true)).toEqual([2, 3, 0, 1]);
    expect(order("density", false)).toEqual([1, 0, 3, 2]);
    expect(order("max", true)).toEqual([3, 0, 2, 1]);
    expect(order("max", false)).toEqual([2, 0, 3, 1]);
    expect(order("label", false)).toEqual([3, 2, 0, 1]);
    expect(order("label", true)).toEqual([0, 2, 3, 1]);
  });

  test("that are equal stay in the order of their numbers", () => {
    const same = tableData({ ...PARTS, decoderNorms: [1, 1, 1, 1] });
    expect([...tableRows(same, ALL, "norm", true)]).toEqual([0, 1, 2, 3]);
  });

  test("hold every feature once by whatever they are sorted", () => {
    for (const key of SORT_KEYS) {
      expect(
        order(key, true).toSorted((a, b) => a - b),
        key,
      ).toEqual([0, 1, 2, 3]);
    }
  });

  test("pass within the density's bounds, both included, and of the features asked for", () => {
    const rows = (filter: Partial<RowFilter>): number[] => [
      ...tableRows(data, { ...ALL, ...filter }, "index", false),
    ];
    expect(rows({ minLogDensity: -2 })).toEqual([0, 2, 3]);
    expect(rows({ maxLogDensity: -2 })).toEqual([0, 1]);
    expect([...tableRows(data, { ...ALL, only: new Set([3, 1, 99]) }, "index", false)]).toEqual([
      1, 3,
    ]);
    const unknown = tableData({ ...PARTS, scan: null, logDensity: null });
    expect([...tableRows(unknown, { ...ALL, minLogDensity: -1 }, "index", false)]).toEqual([
      0, 1, 2, 3,
    ]);
  });
});

describe("as a file", () => {
  const data = tableData(PARTS);
  const rows = Uint32Array.of(3, 1);

  test("CSV has a head, the rows in their order, and no formula", () => {
    expect(csvTable(data, rows).split("\r\n")).toEqual([
      "feature,density,max_folded,mean_folded,decoder_norm,l0_share,nearest_cosine,promotes_logit,nearest_feature,label",
      "3,0.04,8,3,4,0.16,-0.5,3,2,'=cmd|' /C calc'!A0",
      "1,0,,,2,0,,1,1,",
      "",
    ]);
  });

  test("CSV quotes what would break it", () => {
    const hostile = tableData({ ...PARTS, labels: new Map([[1, 'a,"b"\r\nc']]) });
    expect(csvTable(hostile, Uint32Array.of(1))).toMatch(/,"a,""b""\r\nc"\r\n$/);
  });

  test("Parquet reads back as it was", async () => {
    const file = await parquetTable(data, rows);
    expect(await parquetReadObjects({ file })).toEqual([
      {
        feature: 3,
        density: 0.04,
        max_folded: 8,
        mean_folded: 3,
        decoder_norm: 4,
        l0_share: 0.16,
        nearest_cosine: -0.5,
        promotes_logit: 3,
        nearest_feature: 2,
        label: "=cmd|' /C calc'!A0",
      },
      {
        feature: 1,
        density: 0,
        max_folded: null,
        mean_folded: null,
        decoder_norm: 2,
        l0_share: 0,
        nearest_cosine: null,
        promotes_logit: 1,
        nearest_feature: 1,
        label: null,
      },
    ]);
  });
});
