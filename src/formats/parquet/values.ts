// The values of a page: plain, by their place in a dictionary, or each by its distance from the one before.
// https://github.com/apache/parquet-format/blob/master/Encodings.md

import { defined } from "../../lib/defined.ts";
import { Cursor } from "./cursor.ts";
import { ParquetFault } from "./fault.ts";
import { readRuns, unpackBits } from "./runs.ts";

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
    const places = readRuns(bytes.subarray(1), defined(bytes[0]), count, dictionary.length - 1);
    return Array.from(places, (place) => defined(dictionary[place]));
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
  // A text begins with its length.
  const size = number ? number[0] : 4;
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
 * Numbers of 32 bits, each by its distance from the one before (DELTA_BINARY_PACKED), and where they end: blocks of a
 * least distance and parts, whose distances over it are packed to the bit. Sums wrap, as what wrote them did.
 */
function readDistances(bytes: Uint8Array, count: number): { values: Int32Array; end: number } {
  const cursor = new Cursor(bytes);
  const [block, parts, claimed] = [cursor.varint(), cursor.varint(), cursor.varint()];
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
  const over = new Uint32Array(block / parts);
  let value = cursor.zigzag() | 0;
  values[0] = value;
  for (let done = 1; done < count;) {
    const least = cursor.zigzag();
    for (const width of cursor.take(parts)) {
      if (done === count) break;
      const part = over.subarray(0, Math.min(over.length, count - done));
      // The last part is padded, and some writers leave the padding out.
      unpackBits(cursor.take(Math.min(cursor.left, (over.length * width) / 8)), width, part);
      for (const distance of part) {
        value = (value + least + distance) | 0;
        values[done++] = value;
      }
    }
  }
  return { values, end: cursor.at };
}
