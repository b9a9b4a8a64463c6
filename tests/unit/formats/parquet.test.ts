// Parquet: what other programs write is read as they mean it, and hyparquet is agreed with.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { parquetReadObjects } from "hyparquet";
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { openParquet } from "../../../src/formats/parquet.ts";
import { memorySource } from "../../../src/lib/byteSource.ts";
import { repository } from "../../support/nodeFiles.ts";

const FOLDER = repository("tests/fixtures/parquet");
const rows = JSON.parse(readFileSync(`${FOLDER}/rows.json`, "utf8")) as Record<
  "text" | "id" | "score",
  (string | number | null)[]
>;
const open = (name: string) =>
  openParquet(memorySource(name, readFileSync(`${FOLDER}/${name}.parquet`)));

/** As rows.json has it. */
const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  return typeof value === "bigint" ? Number(value) : value;
};

describe("files of other writers", () => {
  it.each(["duckdb-v1", "rust-v1", "rust-v2", "rust-plain"])("%s is read whole", async (name) => {
    const file = await open(name);
    expect(file.columns).toEqual(["text", "id", "score"]);
    expect(file.groups.reduce((sum, group) => sum + group, 0)).toBe(60);
    for (const column of ["text", "id", "score"] as const) {
      expect((await file.read(column, 0, 60)).map(plain), column).toEqual(rows[column]);
      expect((await file.read(column, 37, 43)).map(plain)).toEqual(rows[column].slice(37, 43));
    }
  });

  it.each(["duckdb-v2", "rust-delta"])("%s is read as to its text", async (name) => {
    const file = await open(name);
    expect((await file.read("text", 0, 60)).map(plain)).toEqual(rows.text);
  });

  it.each([
    ["rust-deltabytes", "text", "DELTA_BYTE_ARRAY"],
    ["duckdb-v2", "score", "BYTE_STREAM_SPLIT"],
  ])("%s is refused as to its %s, by the name of its encoding", async (name, column, encoding) => {
    const reading = (await open(name)).read(column, 0, 60);
    await expect(reading).rejects.toMatchObject({
      code: "Unsupported",
      message: expect.stringContaining(encoding),
    });
  });
});

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  // Often the same: a dictionary pays.
  fc.constantFrom("", "whale", "the ship ".repeat(9)),
);
const column = fc.oneof(
  fc.record({
    type: fc.constant("STRING" as const),
    value: fc.constant(text),
    encoding: fc.constantFrom("PLAIN" as const, "DELTA_LENGTH_BYTE_ARRAY" as const, null),
  }),
  fc.record({
    type: fc.constant("INT32" as const),
    value: fc.constant(fc.oneof(fc.integer(), fc.integer({ min: 0, max: 3 }))),
    encoding: fc.constantFrom("PLAIN" as const, "DELTA_BINARY_PACKED" as const, null),
  }),
  fc.record({
    type: fc.constant("INT64" as const),
    value: fc.constant(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    encoding: fc.constantFrom("PLAIN" as const, null),
  }),
  fc.record({
    type: fc.constantFrom("FLOAT" as const, "DOUBLE" as const),
    value: fc.constant(fc.float({ noNaN: true })),
    encoding: fc.constantFrom("PLAIN" as const, null),
  }),
);

it("reads what hyparquet reads", async () => {
  const file = column.chain(({ type, value, encoding }) =>
    fc.record({
      type: fc.constant(type),
      encoding: fc.constant(encoding),
      data: fc.array(fc.option(value as fc.Arbitrary<unknown>, { nil: null, freq: 4 }), {
        minLength: 1,
        maxLength: 80,
      }),
      nullable: fc.boolean(),
      codec: fc.constantFrom("SNAPPY" as const, "UNCOMPRESSED" as const),
      rowGroupSize: fc.integer({ min: 1, max: 90 }),
      pageSize: fc.integer({ min: 1, max: 300 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(
      file,
      async ({ type, encoding, data, nullable, codec, rowGroupSize, pageSize }) => {
        const held = nullable ? data : data.filter((value) => value !== null);
        fc.pre(held.length > 0);
        const source: ColumnSource = { name: "a", type, data: held, nullable };
        const columnData = [encoding === null ? source : { ...source, encoding }];
        const options = { columnData, codec, rowGroupSize, pageSize };
        const bytes = new Uint8Array(parquetWriteBuffer(options));
        const found = await openParquet(memorySource("a", bytes));
        const values = await found.read("a", 0, held.length);
        const theirs = await parquetReadObjects({ file: bytes.slice().buffer, utf8: true });
        const decoded = values.map((value) =>
          value instanceof Uint8Array ? new TextDecoder().decode(value) : value,
        );
        expect(decoded).toEqual(theirs.map((row) => row["a"] as unknown));
        expect(decoded).toEqual(held);
      },
    ),
    { numRuns: 300 },
  );
});
