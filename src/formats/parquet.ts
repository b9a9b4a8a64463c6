// Parquet files, read by range: the only importer of hyparquet. What they claim is checked before anything is made for
// it, and whatever the library makes of a damaged file is a `Format` error.

import type { AsyncBuffer, FileMetaData, RowGroup } from "hyparquet";
import type { ByteSource, ReadOptions } from "../lib/byteSource.ts";
import { FacetError } from "../lib/errors.ts";
import { show } from "../lib/json.ts";

export interface ParquetFile {
  readonly name: string;
  readonly columns: readonly string[];
  /** Rows of each row group: they are read a group at a time. */
  readonly groups: readonly number[];
  readonly metadata: ReadonlyMap<string, string>;
  /** Rows [start, end) of some columns. Bytes are Uint8Array, or text where the file says it is. */
  read(
    columns: readonly string[],
    start: number,
    end: number,
    options?: ReadOptions,
  ): Promise<Record<string, unknown>[]>;
}

/** "PAR1" twice and the footer's length. */
const LEAST_BYTES = 12;
/** A footer lists every column of every group; larger ones are a mistake, or a trap. */
const MAX_FOOTER_BYTES = 64 * 1024 * 1024;
/** Writers put 1e5 to 1e6 rows into a group. */
const MAX_GROUP_ROWS = 1e7;
/** A group's column stands in memory whole, unpacked. */
const MAX_COLUMN_BYTES = 1024 ** 3;
const CODECS: ReadonlySet<string> = new Set(["UNCOMPRESSED", "SNAPPY"]);

export async function openParquet(
  source: ByteSource,
  options: ReadOptions = {},
): Promise<ParquetFile> {
  const { name } = source;
  const size = await source.size(options);
  if (size < LEAST_BYTES) throw malformed(name, `it has ${size} bytes, too few for Parquet`);
  const tail = await source.read(size - 8, size, options);
  const footer = new DataView(tail.buffer, tail.byteOffset).getUint32(0, true);
  if (footer > Math.min(size - LEAST_BYTES, MAX_FOOTER_BYTES)) {
    throw malformed(name, `it announces a footer of ${footer} bytes`);
  }
  const library = await import("hyparquet");
  const file: AsyncBuffer = {
    byteLength: size,
    // The library reads in the buffer it is given: a copy of just these bytes.
    slice: async (start, end = size) =>
      (await source.read(Math.max(0, start), Math.min(size, end), options)).slice().buffer,
  };
  const metadata = await attempt(name, () => library.parquetMetadataAsync(file));
  const columns = topColumns(metadata);
  const groups = metadata.row_groups.map(({ num_rows }) => Number(num_rows));
  const absurd = groups.find((rows) => !(rows >= 0 && rows <= MAX_GROUP_ROWS));
  if (absurd !== undefined) throw malformed(name, `a row group claims ${absurd} rows`);
  return {
    name,
    columns,
    groups,
    metadata: new Map(
      (metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? ""]),
    ),
    read: async (wanted, rowStart, rowEnd, reading = {}) => {
      for (const column of wanted) assertColumn(name, columns, column);
      refuseWhatCannotBeRead(name, metadata, wanted);
      return attempt(name, async () => {
        const chunks: Chunk[] = [];
        let first = 0;
        for (const group of metadata.row_groups) {
          const end = first + Number(group.num_rows);
          if (first < rowEnd && end > rowStart)
            chunks.push(...(await readChunks(source, group, wanted, reading)));
          first = end;
        }
        return library.parquetReadObjects({
          file: heldFile(size, chunks),
          metadata,
          columns: [...wanted],
          rowStart,
          rowEnd,
          utf8: false,
        });
      });
    },
  };
}

/** A column of a row group as it stands in the file. */
interface Chunk {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** The columns of a row group, each read once, and looked at before the library gets them. */
async function readChunks(
  source: ByteSource,
  { columns, num_rows }: RowGroup,
  wanted: readonly string[],
  options: ReadOptions,
): Promise<Chunk[]> {
  const { checkPages } = await import("./parquetPages.ts");
  const chunks: Chunk[] = [];
  for (const { meta_data: column } of columns) {
    if (!column || !wanted.includes(column.path_in_schema[0] ?? "")) continue;
    const codec = column.codec === "SNAPPY" ? "SNAPPY" : "UNCOMPRESSED";
    const start = Number(column.dictionary_page_offset ?? column.data_page_offset);
    const end = start + Number(column.total_compressed_size);
    const bytes = (await source.read(start, end, options)).slice();
    // A column of lists has more values than rows; this many more are a lie.
    const values = Math.min(Number(column.num_values), 1000 * Number(num_rows));
    checkPages({ bytes, codec, values }, source.name);
    chunks.push({ start, bytes });
  }
  return chunks;
}

/** The file as far as it was read. */
const heldFile = (size: number, chunks: readonly Chunk[]): AsyncBuffer => ({
  byteLength: size,
  slice(start, end = size) {
    const bytes = new Uint8Array(end - start);
    for (const chunk of chunks) {
      const [from, to] = [
        Math.max(start, chunk.start),
        Math.min(end, chunk.start + chunk.bytes.length),
      ];
      if (from < to)
        bytes.set(chunk.bytes.subarray(from - chunk.start, to - chunk.start), from - start);
    }
    return bytes.buffer;
  },
});

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

/** Names of the columns that the rows have. */
function topColumns({ schema }: FileMetaData): string[] {
  const names: string[] = [];
  for (let i = 1; i < schema.length;) {
    names.push(schema[i]?.name ?? "");
    // Past everything inside this column.
    let inside = 1;
    for (; inside > 0 && i < schema.length; i++) inside += (schema[i]?.num_children ?? 0) - 1;
  }
  return names;
}

function refuseWhatCannotBeRead(
  name: string,
  { row_groups }: FileMetaData,
  wanted: readonly string[],
): void {
  for (const { columns } of row_groups) {
    for (const { meta_data: column } of columns) {
      if (!column || !wanted.includes(column.path_in_schema[0] ?? "")) continue;
      if (!CODECS.has(column.codec)) {
        throw new FacetError(
          "Unsupported",
          `Reading ${name}: it is compressed with ${show(column.codec)}; Facet reads uncompressed and Snappy. Write it anew with Snappy.`,
        );
      }
      if (column.total_uncompressed_size > MAX_COLUMN_BYTES) {
        throw new FacetError(
          "Unsupported",
          `Reading ${name}: a row group's column takes ${column.total_uncompressed_size} bytes, more than the ${MAX_COLUMN_BYTES} that can be read at once. Write it anew with smaller row groups.`,
        );
      }
    }
  }
}

/** What the library does with the file; its errors are the file's fault, ours (a dropped connection) are not. */
async function attempt<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FacetError) throw error;
    throw malformed(name, "it cannot be read as Parquet", error);
  }
}

const malformed = (name: string, found: string, cause?: unknown): FacetError =>
  new FacetError(
    "Format",
    `Reading ${name}: ${found}. It may be damaged or cut short; fetch it again.`,
    cause,
  );
