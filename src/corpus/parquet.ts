// A Parquet file as documents: a row each, whose text stands in a column. A row group is read at a time.

import { assertColumn, openParquet } from "../formats/parquet.ts";
import type { ByteSource, ReadOptions } from "../lib/byteSource.ts";
import { FacetError } from "../lib/errors.ts";
import { show } from "../lib/json.ts";
import type { TextSource } from "./textSource.ts";

export async function parquetSource(
  source: ByteSource,
  bytes: number,
  column: string,
  options?: ReadOptions,
): Promise<TextSource> {
  const file = await openParquet(source, options);
  assertColumn(source.name, file.columns, column);
  const rows = file.groups.reduce((sum, group) => sum + group, 0);
  return {
    name: source.name,
    bytes,
    async *read(first, reading) {
      let start = 0;
      for (const group of file.groups) {
        const end = start + group;
        if (end > first) {
          const from = Math.max(start, first);
          const found = await file.read([column], from, end, reading);
          for (const [i, row] of found.entries()) {
            const number = from + i;
            yield { text: textOf(row[column], source.name, number), share: (number + 1) / rows };
          }
        }
        start = end;
      }
    },
  };
}

/** A row without a text is an empty document. */
function textOf(value: unknown, name: string, row: number): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  throw new FacetError(
    "Format",
    `Reading ${name}, row ${row}: expected a text, found ${show(value)}. Name the column that holds the text.`,
  );
}
