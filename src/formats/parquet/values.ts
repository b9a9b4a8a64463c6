// The values of a page: plain, by their place in a dictionary, or each by its distance from the one before.
// https://github.com/apache/parquet-format/blob/master/Encodings.md

import { deltaBinaryUnpack } from "hyparquet/src/delta.js";
import { Cursor } from "./cursor.ts";
import { ParquetFault } from "./fault.ts";
import { readRuns } from "./runs.ts";

/** As it is stored: text is bytes, INT64 a bigint. */
export type Value = Uint8Array | number | bigint;

/** Bytes of a number, and how it is read. */
const NUMBERS: Readonly<
  Record<string, readonly [bytes: number, read: (view: DataView, at: number) => number | bigint]>
> = {
  INT32: [4, (view, at) => view.getInt32(at, true)],
  INT64: [8, (view, at) => view.getBigInt64(at, true)],
  FLOAT: [4, (view, at) => view.getFloat32(at, true)],
  DOUBLE: [8, (view, at) => view.getFloat64(at, true)],
};
/** Values of a block of distances: writers take 128. */
const MAX_BLOCK = 1 << 16;

/** @param dictionary null where the column has none. */
export function readValues(
  encoding: string,
  type: string,
  bytes: Uint8Array,
  count: number,
  dictionary: readonly Value[] | null,
): ArrayLike<Value> {
  if (count === 0) return [];
  if (encoding === "PLAIN") return readPlain(type, bytes, count);
  if (/^(PLAIN|RLE)_DICTIONARY$/.test(encoding) && dictionary) {
    const places = readRuns(bytes.subarray(1), bytes[0] ?? 0, count, dictionary.length - 1);
    return Array.from(places, (place) => dictionary[place] ?? 0);
  }
  if (encoding === "DELTA_BINARY_PACKED" && type === "INT32")
    return readDistances(bytes, count).values;
  if (encoding === "DELTA_LENGTH_BYTE_ARRAY" && type === "BYTE_ARRAY") {
    const { values: lengths, end } = readDistances(bytes, count);
    const cursor = new Cursor(bytes, end);
    return Array.from(lengths, (length) => cursor.take(length));
  }
  throw new ParquetFault(
    `${type} is encoded as ${encoding}, which is not read here`,
    "Unsupported",
  );
}

export function readPlain(type: string, bytes: Uint8Array, count: number): Value[] {
  const number = NUMBERS[type];
  const size = number?.[0] ?? 4;
  if (count * size > bytes.length)
    throw new ParquetFault(`${count} values are claimed, of ${bytes.length} bytes`);
  if (number) {
    const [, read] = number;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: count }, (_, i) => read(view, i * size));
  }
  if (type !== "BYTE_ARRAY")
    throw new ParquetFault(`it holds ${type}, no text and no plain numbers`, "Unsupported");
  const cursor = new Cursor(bytes);
  return Array.from({ length: count }, () => cursor.take(cursor.number(4)));
}

/**
 * Numbers of 32 bits, and where they end. hyparquet makes room for as many parts of a block as it claims, and those of 64
 * bits it reads in a time that grows with the square of their length.
 */
function readDistances(bytes: Uint8Array, count: number): { values: Int32Array; end: number } {
  const header = new Cursor(bytes);
  const [block, parts, claimed] = [header.varint(), header.varint(), header.varint()];
  if (
    block === 0 ||
    block > MAX_BLOCK ||
    parts === 0 ||
    block % (8 * parts) !== 0 ||
    claimed !== count
  )
    throw new ParquetFault(
      `it claims distances of ${claimed} values, in ${parts} parts of ${block}`,
    );
  const values = new Int32Array(count);
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), offset: 0 };
  deltaBinaryUnpack(reader, count, values);
  return { values, end: reader.offset };
}
