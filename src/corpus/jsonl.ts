// JSONL: an object a line, whose text stands under a key. Lines of nothing but white space are no documents.

import type { ByteSource } from "../lib/byteSource.ts";
import { FacetError } from "../lib/errors.ts";
import { isJsonObject, parseJson, show } from "../lib/json.ts";
import { readLines } from "./lines.ts";
import type { TextSource } from "./textSource.ts";

export function jsonlSource(source: ByteSource, bytes: number, column: string): TextSource {
  return {
    name: source.name,
    bytes,
    async *read(first, options) {
      let number = 0;
      for await (const { text, end } of readLines(source, options)) {
        if (text.trim() === "") continue;
        if (number >= first) {
          yield {
            text: textOf(text, column, `${source.name}, document ${number}`),
            share: end / bytes,
          };
        }
        number++;
      }
    },
  };
}

function textOf(line: string, column: string, name: string): string {
  let value: unknown;
  try {
    value = parseJson(line);
  } catch (cause) {
    throw new FacetError("Format", `Reading ${name}: ${show(line)} is not JSON.`, cause);
  }
  const text = isJsonObject(value) && Object.hasOwn(value, column) ? value[column] : undefined;
  if (typeof text === "string") return text;
  const found = isJsonObject(value) ? `an object with ${keys(value)}` : show(value);
  throw new FacetError(
    "Format",
    `Reading ${name}: expected an object with a text under ${show(column)}, found ${found}. Name the column that holds the text.`,
  );
}

/** The keys of an object for a message: the first few. */
function keys(value: object): string {
  const names = Object.keys(value);
  return names.slice(0, 8).map(show).join(", ") + (names.length > 8 ? " and more" : "");
}
