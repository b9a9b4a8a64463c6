// What a Parquet file's footer says of its columns and where they stand; of the rest (statistics, indexes) nothing.
// https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift

import { CompressionCodecs, ParquetTypes } from "hyparquet/src/constants.js";
import { show } from "../../lib/json.ts";
import { ParquetFault } from "./fault.ts";
import { readThrift, type ThriftStruct } from "./thrift.ts";

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

/** Values of a SchemaElement's repetition_type. */
const OPTIONAL = 1;
const REPEATED = 2;

export function readFooter(bytes: Uint8Array): Footer {
  const { struct } = readThrift(bytes);
  const groups = list(struct["field_4"]).map((group): RowGroup => {
    const chunks = new Map<string, ColumnChunk>();
    for (const column of list(group["field_1"])) {
      const about = column["field_3"];
      if (!isStruct(about)) continue;
      const path = Array.isArray(about["field_3"]) ? about["field_3"] : [];
      if (path.length === 1) chunks.set(text(path[0]), chunkOf(about));
    }
    return { rows: whole(group["field_3"]), chunks };
  });
  const metadata = list(struct["field_5"] ?? []).map(
    (pair) => [text(pair["field_1"]), text(pair["field_2"] ?? new Uint8Array(0))] as const,
  );
  return { columns: columnsOf(list(struct["field_2"])), groups, metadata: new Map(metadata) };
}

/** The columns that rows have. The schema is a tree, depth first; its root comes first. */
function columnsOf(schema: readonly ThriftStruct[]): ParquetColumn[] {
  const columns: ParquetColumn[] = [];
  for (let i = 1; i < schema.length;) {
    const { field_1: type, field_3: repetition, field_4: name, field_5: inside } = schema[i] ?? {};
    const nested = childrenOf(inside) > 0 || repetition === REPEATED;
    columns.push({
      name: text(name),
      type: nested ? null : named(ParquetTypes, type),
      optional: repetition === OPTIONAL,
    });
    // Past everything inside this column.
    for (let open = 1; open > 0 && i < schema.length; i++)
      open += childrenOf(schema[i]?.["field_5"]) - 1;
  }
  return columns;
}

const childrenOf = (value: unknown): number => (value === undefined ? 0 : whole(value));

function chunkOf(about: ThriftStruct): ColumnChunk {
  const data = whole(about["field_9"]);
  // Where there is a dictionary, it stands before the data. Some writers put 0 where there is none.
  const dictionary = whole(about["field_11"] ?? 0n);
  return {
    codec: named(CompressionCodecs, about["field_4"]),
    start: dictionary > 0 && dictionary < data ? dictionary : data,
    bytes: whole(about["field_7"]),
    unpacked: whole(about["field_6"]),
  };
}

const isStruct = (value: unknown): value is ThriftStruct =>
  typeof value === "object" && value !== null && !(value instanceof Uint8Array);

function list(value: unknown): ThriftStruct[] {
  if (Array.isArray(value) && value.every(isStruct)) return value;
  throw new ParquetFault("its footer lacks a list");
}

function text(value: unknown): string {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  throw new ParquetFault("its footer lacks a name");
}

function whole(value: unknown): number {
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0) return number;
  throw new ParquetFault("its footer lacks a count");
}

function named(names: readonly string[], value: unknown): string {
  const name = typeof value === "number" ? names[value] : undefined;
  return name ?? `number ${show(value)}`;
}
