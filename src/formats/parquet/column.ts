// A column of a row group, page by page, to a value or null for each row. Everything that a page says of itself is
// checked before room is made for it: what is made is a small multiple of the file's bytes and of its rows.

import { show } from "../../lib/json.ts";
import { Cursor } from "./cursor.ts";
import { ParquetFault } from "./fault.ts";
import type { ParquetColumn } from "./footer.ts";
import { readRuns } from "./runs.ts";
import { unpackSnappy } from "./snappy.ts";
import { readThrift, type ThriftStruct, type ThriftValue } from "./thrift.ts";
import { readPlain, readValues, type Value } from "./values.ts";

export interface PackedColumn {
  readonly column: ParquetColumn & { readonly type: string };
  readonly codec: "UNCOMPRESSED" | "SNAPPY";
  /** Of the row group. */
  readonly rows: number;
  /** Bytes that all pages may unpack to. */
  readonly room: number;
}

/** Values of a PageHeader's type. */
const DATA = 0;
const DICTIONARY = 2;
const DATA_V2 = 3;
/** Names of the numbers that an Encoding is written as. */
const ENCODINGS = [
  "PLAIN",
  "GROUP_VAR_INT",
  "PLAIN_DICTIONARY",
  "RLE",
  "BIT_PACKED",
  "DELTA_BINARY_PACKED",
  "DELTA_LENGTH_BYTE_ARRAY",
  "DELTA_BYTE_ARRAY",
  "RLE_DICTIONARY",
  "BYTE_STREAM_SPLIT",
];
const RLE = ENCODINGS.indexOf("RLE");
/** Writers end a dictionary at a megabyte, in which a text takes four bytes and more. */
const MAX_DICTIONARY = 1 << 20;

/** Rows [from, to) of the group. */
export function readColumn(
  bytes: Uint8Array,
  packed: PackedColumn,
  from: number,
  to: number,
): (Value | null)[] {
  const { column, rows } = packed;
  const cursor = new Cursor(bytes);
  const found: (Value | null)[] = [];
  let dictionary: Value[] | null = null;
  let { room } = packed;
  for (let row = 0; row < to;) {
    const header = readThrift(cursor);
    const size = count(header, 2, room);
    const page = { bytes: cursor.take(count(header, 3, cursor.left)), size };
    room -= size;
    if (header.get(1) === DICTIONARY) {
      const most = Math.min(size, MAX_DICTIONARY);
      dictionary = readPlain(column.type, unpack(packed, page), count(inner(header, 7), 1, most));
      continue;
    }
    const { present, values, rows: here } = pageOf(packed, header, page, rows - row);
    const read = readValues(values.encoding, column.type, values.bytes, values.count, dictionary);
    let next = 0;
    for (let i = 0; i < here; i++, row++) {
      const value = present === null || present[i] === 1 ? (read[next++] ?? null) : null;
      if (row >= from && row < to) found.push(value);
    }
  }
  return found;
}

interface Page {
  readonly bytes: Uint8Array;
  /** Unpacked, in bytes. */
  readonly size: number;
}

interface DataPage {
  readonly rows: number;
  /** Of each row 1 where it has a value; null where all have. */
  readonly present: Uint32Array | null;
  readonly values: { encoding: string; bytes: Uint8Array; count: number };
}

/** @param most rows that are missing yet. */
function pageOf(packed: PackedColumn, header: ThriftStruct, page: Page, most: number): DataPage {
  const { optional } = packed.column;
  if (header.get(1) === DATA) {
    const about = inner(header, 5);
    const rows = count(about, 1, most);
    const cursor = new Cursor(unpack(packed, page));
    if (optional && about.get(3) !== RLE)
      throw new ParquetFault("where rows have no value is told as no writer does", "Unsupported");
    const levels = optional ? cursor.take(cursor.number(4)) : null;
    return dataPage(levels, rows, about.get(2), cursor.take(cursor.left));
  }
  if (header.get(1) === DATA_V2) {
    const about = inner(header, 8);
    const rows = count(about, 1, most);
    // Levels stand before what is packed. None tell of lists: the column is none.
    const cursor = new Cursor(page.bytes);
    cursor.take(count(about, 6, 0));
    const levels = cursor.take(count(about, 5, page.size));
    const rest = { bytes: cursor.take(cursor.left), size: page.size - levels.length };
    const values = about.get(7) === false ? rest.bytes : unpack(packed, rest);
    return dataPage(optional ? levels : null, rows, about.get(4), values);
  }
  throw new ParquetFault(`a page is of type ${show(header.get(1))}`);
}

function dataPage(
  levels: Uint8Array | null,
  rows: number,
  encoding: ThriftValue | undefined,
  bytes: Uint8Array,
): DataPage {
  const present = levels && readRuns(levels, 1, rows, 1);
  const name = typeof encoding === "number" ? ENCODINGS[encoding] : undefined;
  return {
    rows,
    present,
    values: {
      encoding: name ?? `number ${show(encoding)}`,
      bytes,
      count: present ? present.reduce((sum, one) => sum + one, 0) : rows,
    },
  };
}

function unpack({ codec }: PackedColumn, { bytes, size }: Page): Uint8Array {
  // Of nothing, some writers make no Snappy.
  if (size === 0) return bytes.subarray(0, 0);
  if (codec === "SNAPPY") return unpackSnappy(bytes, size);
  if (bytes.length === size) return bytes;
  throw new ParquetFault(`a page claims ${size} bytes, and has ${bytes.length}`);
}

/** A whole number up to `most`. */
function count(struct: ThriftStruct, field: number, most: number): number {
  const value = struct.get(field);
  if (typeof value === "number" && value >= 0 && value <= most) return value;
  throw new ParquetFault(`a page claims ${show(value)} where ${most} is the most there can be`);
}

function inner(struct: ThriftStruct, field: number): ThriftStruct {
  const value = struct.get(field);
  if (value instanceof Map) return value;
  throw new ParquetFault("a page has no header of its kind");
}
