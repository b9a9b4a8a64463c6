// What a Parquet file's footer says of its columns and where they stand; of the rest (statistics, indexes) nothing.
// https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift

import { show } from "../../lib/json.ts";
import { Cursor } from "./cursor.ts";
import { ParquetFault } from "./fault.ts";
import { readThrift, type ThriftStruct, type ThriftValue } from "./thrift.ts";

export interface ParquetColumn {
  readonly name: string;
  /** As it is stored: INT64, BYTE_ARRAY; null where the column is a list or has columns of its own. */
  readonly type: string | null;
  /** Some rows may have no value. */
  readonly optional: boolean;
}

/** A column in one row group. */
export interface ColumnChunk {
  readonly codec: string;
  /** Bytes of the file, [start, start + bytes). */
  readonly start: number;
  readonly bytes: number;
  /** In bytes. */
  readonly unpacked: number;
}

interface RowGroup {
  readonly rows: number;
  /** By name; of columns that are no lists, and have none of their own. */
  readonly chunks: ReadonlyMap<string, ColumnChunk>;
}

export interface Footer {
  readonly columns: readonly ParquetColumn[];
  readonly groups: readonly RowGroup[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** Names of the numbers that a Type, a CompressionCodec is written as. */
const TYPES = "BOOLEAN INT32 INT64 INT96 FLOAT DOUBLE BYTE_ARRAY FIXED_LEN_BYTE_ARRAY".split(" ");
const CODECS = "UNCOMPRESSED SNAPPY GZIP LZO BROTLI LZ4 ZSTD LZ4_RAW".split(" ");
/** Values of a SchemaElement's repetition_type. */
const OPTIONAL = 1;
const REPEATED = 2;

export function readFooter(bytes: Uint8Array): Footer {
  const footer = readThrift(new Cursor(bytes));
  const groups = list(footer.get(4)).map((group): RowGroup => {
    const chunks = new Map<string, ColumnChunk>();
    for (const column of list(group.get(1))) {
      const about = column.get(3);
      if (!isStruct(about)) continue;
      const path = about.get(3);
      if (isList(path) && path.length === 1) chunks.set(text(path[0]), chunkOf(about));
    }
    return { rows: whole(group.get(3)), chunks };
  });
  const metadata = list(footer.get(5) ?? []).map(
    (pair) => [text(pair.get(1)), text(pair.get(2) ?? new Uint8Array(0))] as const,
  );
  return { columns: columnsOf(list(footer.get(2))), groups, metadata: new Map(metadata) };
}

/** The columns that rows have. The schema is a tree, depth first; its root comes first. */
function columnsOf(schema: readonly ThriftStruct[]): ParquetColumn[] {
  const columns: ParquetColumn[] = [];
  for (let i = 1; i < schema.length;) {
    const element = schema[i];
    const repetition = element?.get(3);
    const nested = childrenOf(element) > 0 || repetition === REPEATED;
    columns.push({
      name: text(element?.get(4)),
      type: nested ? null : named(TYPES, element?.get(1)),
      optional: repetition === OPTIONAL,
    });
    // Past everything inside this column.
    for (let open = 1; open > 0 && i < schema.length; i++) open += childrenOf(schema[i]) - 1;
  }
  return columns;
}

const childrenOf = (element: ThriftStruct | undefined): number => whole(element?.get(5) ?? 0);

function chunkOf(about: ThriftStruct): ColumnChunk {
  const data = whole(about.get(9));
  // Where there is a dictionary, it stands before the data. Some writers put 0 where there is none.
  const dictionary = whole(about.get(11) ?? 0);
  return {
    codec: named(CODECS, about.get(4)),
    start: dictionary > 0 && dictionary < data ? dictionary : data,
    bytes: whole(about.get(7)),
    unpacked: whole(about.get(6)),
  };
}

const isList = (value: ThriftValue | undefined): value is readonly ThriftValue[] =>
  Array.isArray(value);
const isStruct = (value: ThriftValue | undefined): value is ThriftStruct => value instanceof Map;

function list(value: ThriftValue | undefined): readonly ThriftStruct[] {
  if (isList(value) && value.every(isStruct)) return value;
  throw new ParquetFault("its footer lacks a list");
}

function text(value: ThriftValue | undefined): string {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  throw new ParquetFault("its footer lacks a name");
}

function whole(value: ThriftValue | undefined): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new ParquetFault("its footer lacks a count");
}

function named(names: readonly string[], value: ThriftValue | undefined): string {
  const name = typeof value === "number" ? names[value] : undefined;
  return name ?? `number ${show(value)}`;
}
