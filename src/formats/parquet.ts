// Parquet files, read by range: columns of text and of plain numbers. A file may be anybody's, so no room is made that its
// bytes do not account for (parquet/): libraries believe what it says of itself.

import type { ByteSource, ReadOptions } from "../lib/byteSource.ts";
import { FacetError } from "../lib/errors.ts";
import { show } from "../lib/json.ts";
import { type PackedColumn, readColumn } from "./parquet/column.ts";
import { ParquetFault } from "./parquet/fault.ts";
import { type ColumnChunk, type Footer, readFooter } from "./parquet/footer.ts";
import type { Value } from "./parquet/values.ts";

export interface ParquetFile {
  readonly name: string;
  readonly columns: readonly string[];
  /** Rows of each row group: they are read a group at a time. */
  readonly groups: readonly number[];
  readonly metadata: ReadonlyMap<string, string>;
  /** A column's rows [start, end) as they are stored: text as bytes, null where there is no value. */
  read(
    column: string,
    start: number,
    end: number,
    options?: ReadOptions,
  ): Promise<(Value | null)[]>;
}

/** The footer's length and "PAR1". */
const END_BYTES = 8;
/** "PAR1" stands at the beginning too. */
const LEAST_BYTES = 4 + END_BYTES;
/** Read at once, in the hope that the footer is no longer. */
const TAIL_BYTES = 64 * 1024;
/** A footer lists every column of every group; larger ones are a mistake, or a trap. */
const MAX_FOOTER_BYTES = 64 * 1024 * 1024;
/** Writers put 1e5 to 1e6 rows into a group. */
const MAX_GROUP_ROWS = 1e7;
/** A group's column stands in memory whole, unpacked. */
const MAX_COLUMN_BYTES = 1024 ** 3;
/** Rows without a value take no bytes: so many are believed. pyarrow and DuckDB put no more into a group. */
const FREE_ROWS = 1 << 20;
/** More must be accounted for: that a row has a value takes a bit. */
const ROWS_PER_BYTE = 8;

export async function openParquet(
  source: ByteSource,
  options: ReadOptions = {},
): Promise<ParquetFile> {
  const { name } = source;
  const size = await source.size(options);
  const footerBytes = await readTail(source, size, options);
  const footer = attempt(name, () => readFooter(footerBytes));
  const absurd = footer.groups.find(({ rows }) => rows > MAX_GROUP_ROWS);
  if (absurd) throw malformed(name, `a row group claims ${absurd.rows} rows`);
  assertAccounted(
    name,
    footer.groups.reduce((sum, { rows }) => sum + rows, 0),
    size,
  );
  return {
    name,
    columns: footer.columns.map((column) => column.name),
    groups: footer.groups.map(({ rows }) => rows),
    metadata: footer.metadata,
    async read(wanted, start, end, reading = {}) {
      const column = columnOf(name, footer, wanted);
      const found: (Value | null)[] = [];
      let first = 0;
      for (const { rows, chunks } of footer.groups) {
        const [from, to] = [Math.max(0, start - first), Math.min(rows, end - first)];
        first += rows;
        if (from >= to) continue;
        const chunk = chunks.get(wanted);
        if (!chunk || chunk.start + chunk.bytes > size - END_BYTES)
          throw malformed(name, `a row group's ${show(wanted)} does not lie in it`);
        const codec = codecOf(name, chunk);
        assertAccounted(name, rows, chunk.bytes);
        const bytes = await source.read(chunk.start, chunk.start + chunk.bytes, reading);
        const packed = { column, codec, rows, room: MAX_COLUMN_BYTES };
        for (const value of attempt(name, () => readColumn(bytes, packed, from, to)))
          found.push(value);
      }
      return found;
    },
  };
}

/** The footer. */
async function readTail(
  source: ByteSource,
  size: number,
  options: ReadOptions,
): Promise<Uint8Array> {
  const { name } = source;
  if (size < LEAST_BYTES) throw malformed(name, `it has ${size} bytes, too few for Parquet`);
  const tail = await source.read(Math.max(0, size - TAIL_BYTES), size, options);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const length = view.getUint32(tail.length - END_BYTES, true);
  if (view.getUint32(tail.length - 4) !== 0x50415231) throw malformed(name, "it is no Parquet");
  if (length > Math.min(size - LEAST_BYTES, MAX_FOOTER_BYTES))
    throw malformed(name, `it announces a footer of ${length} bytes`);
  return length <= tail.length - END_BYTES
    ? tail.subarray(tail.length - END_BYTES - length, tail.length - END_BYTES)
    : source.read(size - END_BYTES - length, size - END_BYTES, options);
}

/** A file of a hundred bytes could claim millions of rows, each of which costs memory and time. */
function assertAccounted(name: string, rows: number, bytes: number): void {
  if (rows > FREE_ROWS + ROWS_PER_BYTE * bytes)
    throw malformed(name, `it claims ${rows} rows in ${bytes} bytes`);
}

/** Throws `Format`, naming what there is, where a column is missing. */
export function assertColumn(name: string, columns: readonly string[], column: string): void {
  if (columns.includes(column)) return;
  const found =
    columns.slice(0, 12).map(show).join(", ") + (columns.length > 12 ? " and more" : "");
  throw new FacetError(
    "Format",
    `Reading ${name}: it has no column ${show(column)}; there are ${found}. Name the column.`,
  );
}

function columnOf(name: string, { columns }: Footer, wanted: string): PackedColumn["column"] {
  const column = columns.find((one) => one.name === wanted);
  if (column && column.type !== null) return { ...column, type: column.type };
  assertColumn(
    name,
    columns.map((one) => one.name),
    wanted,
  );
  throw new FacetError(
    "Format",
    `Reading ${name}: its column ${show(wanted)} holds lists or has columns of its own. Name one that holds plain values.`,
  );
}

function codecOf(name: string, { codec, bytes, unpacked }: ColumnChunk): PackedColumn["codec"] {
  if (Math.max(bytes, unpacked) > MAX_COLUMN_BYTES) {
    throw new FacetError(
      "Unsupported",
      `Reading ${name}: a row group's column takes ${unpacked} bytes, more than the ${MAX_COLUMN_BYTES} that can be read at once. Write it anew with smaller row groups.`,
    );
  }
  if (codec === "SNAPPY" || codec === "UNCOMPRESSED") return codec;
  throw new FacetError(
    "Unsupported",
    `Reading ${name}: it is compressed with ${show(codec)}; Facet reads uncompressed and Snappy. Write it anew with Snappy.`,
  );
}

/** Whatever is thrown over strange bytes is the file's fault. */
function attempt<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ParquetFault))
      throw malformed(name, "it cannot be read as Parquet", error);
    if (error.code === "Format") throw malformed(name, error.message);
    throw new FacetError(
      error.code,
      `Reading ${name}: ${error.message}. Write it anew, with the defaults of pyarrow or of DuckDB.`,
    );
  }
}

const malformed = (name: string, found: string, cause?: unknown): FacetError =>
  new FacetError(
    "Format",
    `Reading ${name}: ${found}. It may be damaged or cut short; fetch it again.`,
    cause,
  );
