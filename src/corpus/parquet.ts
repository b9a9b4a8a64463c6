// A Parquet file as documents: a row each, whose text stands in a column. A row group is read at a time.

import { assertColumn, openParquet } from "../formats/parquet.ts";
import type { Value } from "../formats/parquet/values.ts";
import type { ByteSource } from "../lib/byteSource.ts";
import { FacetError } from "../lib/errors.ts";
import { show } from "../lib/json.ts";
import type { TextSource } from "./textSource.ts";

/** A longer one is no document that anyone would read. */
const MAX_TEXT_BYTES = 16 * 1024 * 1024;

/** Nothing is read before documents are asked for: a dataset has many files. */
export function parquetSource(source: ByteSource, bytes: number, column: string): TextSource {
  const { name } = source;
  return {
    name,
    bytes,
    async *read(first, options) {
      const file = await openParquet(source, options);
      assertColumn(name, file.columns, column);
      const rows = file.groups.reduce((sum, group) => sum + group, 0);
      let start = 0;
      for (const group of file.groups) {
        const end = start + group;
        const from = Math.max(start, first);
        const found = from < end ? await file.read(column, from, end, options) : [];
        for (const [i, value] of found.entries()) {
          const number = from + i;
          yield { text: textOf(value, name, number), share: (number + 1) / rows };
        }
        start = end;
      }
    },
  };
}

/** A row without a text is an empty document. */
function textOf(value: Value | null, name: string, row: number): string {
  if (value === null) return "";
  if (!(value instanceof Uint8Array)) {
    throw new FacetError(
      "Format",
      `Reading ${name}, row ${row}: expected a text, found ${show(value)}. Name the column that holds the text.`,
    );
  }
  if (value.byteLength > MAX_TEXT_BYTES) {
    throw new FacetError(
      "Format",
      `Reading ${name}, row ${row}: its text has ${value.byteLength} bytes, more than the ${MAX_TEXT_BYTES} that a document may have. Is it the column of the text?`,
    );
  }
  return new TextDecoder().decode(value);
}
