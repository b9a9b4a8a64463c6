// Parquet that means harm, and Parquet that was damaged: it ends in sound rows or in words, never in a loop or in memory
// that the file's size does not account for. Each named case kept the parser busy without end, or filled its memory.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { openParquet } from "../../../src/formats/parquet.ts";
import { memorySource } from "../../../src/lib/byteSource.ts";
import { FacetError } from "../../../src/lib/errors.ts";
import { repository } from "../../support/nodeFiles.ts";
import {
  bytes,
  dataPage,
  DELTA_BINARY_PACKED,
  dictionaryPage,
  fileOf,
  RLE_DICTIONARY,
  u32,
  withFooter,
} from "../../support/parquetFile.ts";

async function read(file: Uint8Array, rows: number): Promise<unknown[]> {
  const opened = await openParquet(memorySource("a.parquet", file));
  return opened.read(opened.columns[0] ?? "", 0, rows);
}

const text = (value: string): Uint8Array => bytes(u32(value.length), value);
/** The largest number of 32 bits, 7 bits a byte. */
const HUGE = [0xff, 0xff, 0xff, 0xff, 0x0f];

it("a file put together by hand is sound", async () => {
  const page = dataPage(bytes(text("a"), text("bc")), { rows: 2 });
  expect(await read(fileOf(page, { rows: 2 }), 2)).toEqual([bytes("a"), bytes("bc")]);
  const levels = bytes(u32(2), 3, 0b10);
  const optional = dataPage(bytes(levels, text("b")), { rows: 2 });
  expect(await read(fileOf(optional, { rows: 2, optional: true }), 2)).toEqual([null, bytes("b")]);
  const dictionary = dictionaryPage(bytes(text("x"), text("y")), 2);
  const places = dataPage(bytes(1, 6, 1), { rows: 3, encoding: RLE_DICTIONARY });
  const file = fileOf(bytes(dictionary, places), { rows: 3 });
  expect(await read(file, 3)).toEqual([bytes("y"), bytes("y"), bytes("y")]);
  // A literal of five bytes (a length and a letter), and a copy of four from one back, which reaches into itself.
  const packed = bytes(9, 4 << 2, 5, 0, 0, 0, "z", 1, 1);
  const page5 = dataPage(packed, { rows: 1, size: 9 });
  expect(await read(fileOf(page5, { rows: 1, snappy: true }), 1)).toEqual([bytes("zzzzz")]);
});

it("a run that goes on past the rows ends with them", async () => {
  // Of the levels: "has a value", two thousand million times.
  const levels = bytes(u32(6), HUGE.slice(0, 4), 0x0e, 1);
  const page = dataPage(bytes(levels, text("a"), text("b")), { rows: 2 });
  expect(await read(fileOf(page, { rows: 2, optional: true }), 2)).toHaveLength(2);
});

/** All rows without a value: of the levels one run of zeros. */
const nothing = (rows: number): Uint8Array => {
  const run = [0, 7, 14, 21].map((shift) => ((rows * 2) >>> shift) & 127);
  const levels = bytes(
    u32(5),
    run.map((bits, i) => bits | (i < 3 ? 128 : 0)),
    0,
  );
  return fileOf(dataPage(levels, { rows }), { rows, optional: true });
};

it("a million rows without a value take few bytes, and are read", async () => {
  const file = nothing(2 ** 20);
  expect(file.length).toBeLessThan(120);
  const rows = await read(file, 2 ** 20);
  expect(rows).toHaveLength(2 ** 20);
  expect(rows.every((row) => row === null)).toBe(true);
});

const distances = (...header: readonly number[]): Uint8Array =>
  dataPage(bytes(header, 0, 0, 0, 0), { rows: 3, encoding: DELTA_BINARY_PACKED });

describe("is refused:", () => {
  const NONE = bytes(u32(0));
  it.each<[string, Uint8Array]>([
    [
      "Snappy whose literal goes back to where it was",
      fileOf(
        dataPage(bytes(60, 0b1111_1100, 0xfa, 0xff, 0xff, 0xff, 0, 0), { rows: 1, size: 60 }),
        {
          rows: 1,
          snappy: true,
        },
      ),
    ],
    [
      "Snappy that unpacks to more than it could",
      fileOf(dataPage(bytes(0xff, 0xff, 0xff, 0x7f, 0), { rows: 1, size: 0x0fff_ffff }), {
        rows: 1,
        snappy: true,
      }),
    ],
    [
      "runs of nothing",
      fileOf(dataPage(bytes(u32(40), new Uint8Array(40)), { rows: 2 }), {
        rows: 2,
        optional: true,
      }),
    ],
    [
      "runs of places in a dictionary that has fewer",
      fileOf(
        bytes(
          dictionaryPage(NONE, 1),
          dataPage(bytes(8, 4, 200), { rows: 2, encoding: RLE_DICTIONARY }),
        ),
        { rows: 2 },
      ),
    ],
    [
      "places in a dictionary of nothing",
      fileOf(
        bytes(
          dictionaryPage(new Uint8Array(0), 0),
          dataPage(bytes(0), { rows: 2, encoding: RLE_DICTIONARY }),
        ),
        { rows: 2 },
      ),
    ],
    ["more values than bytes", fileOf(dataPage(NONE, { rows: 9_000_000 }), { rows: 9_000_000 })],
    ["a text past the page's end", fileOf(dataPage(u32(2 ** 31), { rows: 1 }), { rows: 1 })],
    [
      "a dictionary of more values than bytes",
      fileOf(dictionaryPage(NONE, 2_000_000_000), { rows: 1 }),
    ],
    [
      "distances in two thousand million parts",
      fileOf(distances(...HUGE, ...HUGE, 3), { rows: 3, type: "INT32" }),
    ],
    ["distances in no parts", fileOf(distances(0x80, 1, 0, 3), { rows: 3, type: "INT32" })],
    ["distances of no values", fileOf(distances(0, 1, 3), { rows: 3, type: "INT32" })],
    ["no page at all", fileOf(new Uint8Array(0), { rows: 1 })],
    ["pages without rows, and then the end", fileOf(dataPage(NONE, { rows: 0 }), { rows: 1 })],
    ["a column outside of the file", fileOf(NONE, { rows: 1, start: 2n ** 52n })],
    ["a column of terabytes", fileOf(NONE, { rows: 1, length: 2n ** 42n })],
    ["ten million rows without a value in a hundred bytes", nothing(10_000_000)],
    [
      "a dictionary of two million texts",
      fileOf(
        bytes(
          dictionaryPage(new Uint8Array(8_000_000), 2_000_000),
          dataPage(bytes(1, 6, 0), { rows: 3, encoding: RLE_DICTIONARY }),
        ),
        { rows: 3 },
      ),
    ],
    ["more rows than a group can have", fileOf(NONE, { rows: 2 ** 40 })],
    ["a footer that is a list of 268 million", withFooter(bytes(0x19, 0xf8, HUGE.slice(1), 0x7f))],
    [
      "a footer of lists in lists",
      withFooter(
        bytes(
          0x19,
          Array.from({ length: 50 }, () => 0x19),
          0,
        ),
      ),
    ],
    ["a footer of structs in structs", withFooter(new Uint8Array(100_000).fill(0x1c))],
    [
      "a footer's number without an end",
      withFooter(new Uint8Array(100_000).fill(0xff, 1).fill(0x16, 0, 1)),
    ],
    ["a footer of nothing", withFooter(bytes(0))],
  ])("%s", async (_, file) => {
    const found = await read(file, 3).catch((error: unknown) => error);
    expect(found).toBeInstanceOf(FacetError);
    expect((found as FacetError).code).toMatch(/^(Format|Unsupported)$/);
  });
});

/** Sound files of several writers, with every way to write a page. */
const FILES = [
  ...["duckdb-v1", "duckdb-v2", "rust-v1", "rust-v2", "rust-plain", "rust-delta"].map((name) =>
    Uint8Array.from(readFileSync(repository(`tests/fixtures/parquet/${name}.parquet`))),
  ),
  new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: "a", data: Array.from({ length: 40 }, (__, i) => (i % 3 ? `text ${i}` : null)) },
        { name: "b", data: Array.from({ length: 40 }, (__, i) => i % 4), type: "INT32" },
      ],
      rowGroupSize: 25,
      pageSize: 60,
    }),
  ),
];
/** Of bytes that lie: what ends or prolongs a varint, what is most or least. */
const byte = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 2, 0x0f, 0x7f, 0x80, 0xfe, 0xff));
interface Damage {
  readonly file: Uint8Array;
  /** Where, as a share of the file; the footer stands at its end. */
  readonly at: number;
  readonly run: readonly number[];
  readonly how: "set" | "insert" | "cut";
}
const damage: fc.Arbitrary<Damage> = fc.record({
  file: fc.constantFrom(...FILES),
  at: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1)),
  run: fc.array(byte, { minLength: 1, maxLength: 6 }),
  how: fc.oneof(
    { arbitrary: fc.constant("set" as const), weight: 8 },
    fc.constantFrom("insert" as const, "cut" as const),
  ),
});

function damaged({ file, at, run, how }: Damage): Uint8Array {
  const from = Math.floor(at * (file.length - 1));
  if (how === "cut") return bytes(file.subarray(0, from), file.subarray(from + run.length));
  return bytes(file.subarray(0, from), run, file.subarray(from + (how === "set" ? run.length : 0)));
}

it("damaged anywhere, it is read as sound rows or refused in words", async () => {
  const runs = Number(process.env["FACET_FUZZ"] ?? 3000);
  await fc.assert(
    fc.asyncProperty(damage, async (one) => {
      const refusal = (error: unknown): null => {
        expect(error).toBeInstanceOf(FacetError);
        expect((error as FacetError).code).toMatch(/^(Format|Unsupported)$/);
        return null;
      };
      const file = await openParquet(memorySource("a", damaged(one))).catch(refusal);
      if (file === null) return;
      const rows = Math.min(
        1000,
        file.groups.reduce((sum, group) => sum + group, 0),
      );
      for (const column of file.columns) {
        const values = await file.read(column, 0, rows).catch(refusal);
        if (values !== null) expect(values).toHaveLength(rows);
      }
    }),
    { numRuns: runs },
  );
});
