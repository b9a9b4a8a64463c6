// A column of a row group, page by page, to a value or null for each row. Everything that a page says of itself is
// checked before room is made for it: what is made is a small multiple of the file's bytes and of its rows.

import { Encodings } from "hyparquet/src/constants.js";
import { show } from "../../lib/json.ts";
import { Cursor } from "./cursor.ts";
import { ParquetFault } from "./fault.ts";
import type { ParquetColumn } from "./footer.ts";
import { readRuns } from "./runs.ts";
import { unpackSnappy } from "./snappy.ts";
import { readThrift, type ThriftStruct } from "./thrift.ts";
import { readPlain, readValues, type Value } from "./values.ts";

export interface PackedColumn {
  readonly column: ParquetColumn & { readonly type: string };
  readonly codec: "UNCOMPRESSED" | "SNAPPY";
  readonly rows: number;
  /** Bytes that all pages may unpack to. */
  readonly room: number;
}

/** Values of a PageHeader's type. */
const DATA = 0;
const DICTIONARY = 2;
const DATA_V2 = 3;
const RLE = Encodings.indexOf("RLE");

export function readColumn(bytes: Uint8Array, packed: PackedColumn): (Value | null)[] {
  const { column, rows } = packed;
  const found: (Value | null)[] = [];
  let dictionary: Value[] | null = null;
  let { room } = packed;
  for (let at = 0; found.length < rows;) {
    const { struct: header, end } = readThrift(bytes, at);
    const length = count(header, 3, bytes.length - end);
    const size = count(header, 2, room);
    const page = { bytes: bytes.subarray(end, end + length), size };
    at = end + length;
    room -= size;
    if (header["field_1"] === DICTIONARY) {
      const about = inner(header, 7);
      dictionary = readPlain(column.type, unpack(packed, page), count(about, 1, size));
      continue;
    }
    const { present, values } = pageOf(packed, header, page, rows - found.length);
    const read = readValues(values.encoding, column.type, values.bytes, values.count, dictionary);
    let next = 0;
    for (const one of present) found.push(one === 1 ? (read[next++] ?? null) : null);
  }
  return found;
}

interface Page {
  readonly bytes: Uint8Array;
  /** Unpacked, in bytes. */
  readonly size: number;
}

interface DataPage {
  /** Of each row 1 where it has a value. */
  readonly present: Uint32Array;
  readonly values: { encoding: string; bytes: Uint8Array; count: number };
}

/** @param most rows that are missing yet. */
function pageOf(packed: PackedColumn, header: ThriftStruct, page: Page, most: number): DataPage {
  const { optional } = packed.column;
  if (header["field_1"] === DATA) {
    const about = inner(header, 5);
    const rows = count(about, 1, most);
    const cursor = new Cursor(unpack(packed, page));
    if (optional && about["field_3"] !== RLE)
      throw new ParquetFault("where rows have no value is told as no writer does", "Unsupported");
    const levels = optional ? cursor.take(cursor.number(4)) : null;
    return dataPage(levels, rows, about["field_2"], cursor.take(cursor.left));
  }
  if (header["field_1"] === DATA_V2) {
    const about = inner(header, 8);
    const rows = count(about, 1, most);
    // Levels stand before what is packed. None tell of lists: the column is none.
    const cursor = new Cursor(page.bytes);
    cursor.take(count(about, 6, 0));
    const levels = cursor.take(count(about, 5, page.size));
    const rest = { bytes: cursor.take(cursor.left), size: page.size - levels.length };
    const values = about["field_7"] === false ? rest.bytes : unpack(packed, rest);
    return dataPage(optional ? levels : null, rows, about["field_4"], values);
  }
  throw new ParquetFault(`a page is of type ${show(header["field_1"])}`);
}

function dataPage(
  levels: Uint8Array | null,
  rows: number,
  encoding: unknown,
  bytes: Uint8Array,
): DataPage {
  const present = levels ? readRuns(levels, 1, rows, 1) : new Uint32Array(rows).fill(1);
  const name = typeof encoding === "number" ? Encodings[encoding] : undefined;
  return {
    present,
    values: {
      encoding: name ?? `number ${show(encoding)}`,
      bytes,
      count: levels ? present.reduce((sum, one) => sum + one, 0) : rows,
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
  const value = struct[`field_${field}`];
  if (typeof value === "number" && value >= 0 && value <= most) return value;
  throw new ParquetFault(`a page claims ${show(value)} where ${most} is the most there can be`);
}

function inner(struct: ThriftStruct, field: number): ThriftStruct {
  const value = struct[`field_${field}`];
  if (typeof value === "object" && value !== null) return value as ThriftStruct;
  throw new ParquetFault("a page has no header of its kind");
}
