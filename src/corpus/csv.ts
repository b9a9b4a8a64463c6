// CSV as RFC 4180 has it: commas, quotation marks doubled inside quoted fields, a first row of names. Read as it streams.
// Papa Parse cannot be fed from a stream but a File or Node's, and csv-parse brings Node's streams along.
// https://www.rfc-editor.org/rfc/rfc4180

import type { ReadOptions } from "../lib/byteSource.ts";
import { FacetError } from "../lib/errors.ts";
import { show } from "../lib/json.ts";
import type { Content } from "./content.ts";
import { assertLength, readText } from "./lines.ts";
import type { TextSource } from "./textSource.ts";

export function csvSource(content: Content, column: string): TextSource {
  const { name, bytes } = content;
  return {
    name,
    bytes,
    async *read(first, options) {
      let names: readonly string[] | null = null;
      let at = 0;
      let number = 0;
      for await (const { fields, end } of readRows(content, options)) {
        if (names === null) {
          names = fields;
          at = columnOf(name, names, column);
          continue;
        }
        if (fields.length !== names.length) {
          throw malformed(
            name,
            `row ${number} has ${fields.length} fields, the first row names ${names.length}`,
          );
        }
        if (number >= first) yield { text: fields[at] ?? "", share: end / bytes };
        number++;
      }
    },
  };
}

function columnOf(name: string, names: readonly string[], column: string): number {
  const at = names.indexOf(column);
  if (at >= 0) return at;
  const found = names.slice(0, 12).map(show).join(", ") + (names.length > 12 ? " and more" : "");
  throw new FacetError(
    "Format",
    `Reading ${name}: its first row names no column ${show(column)}; there are ${found}. Name the column that holds the text.`,
  );
}

interface Row {
  readonly fields: readonly string[];
  readonly end: number;
}

/** Where in a field: before it, in one without quotation marks, in a quoted one, behind a quotation mark in that. */
type Place = "before" | "plain" | "quoted" | "behind";

/** Rows; lines of nothing are none. */
async function* readRows(content: Content, options?: ReadOptions): AsyncGenerator<Row> {
  const { name } = content;
  let place: Place = "before";
  let field = "";
  let fields: string[] = [];
  let length = 0;
  const endField = (): void => {
    fields.push(field);
    // With its comma: a row of nothing but commas has an end too.
    length += field.length + 1;
    field = "";
    place = "before";
  };
  const endRow = (end: number): Row => {
    const row = { fields, end };
    fields = [];
    length = 0;
    return row;
  };
  for await (const { text, end } of readText(content, options)) {
    for (let at = 0; at < text.length;) {
      const mark = text[at] ?? "";
      if (place === "quoted") {
        const next = text.indexOf('"', at);
        field += text.slice(at, next < 0 ? text.length : next);
        at = next < 0 ? text.length : next + 1;
        if (next >= 0) place = "behind";
      } else if (place === "behind" && mark === '"') {
        field += '"';
        place = "quoted";
        at++;
      } else if (place === "before" && mark === '"') {
        place = "quoted";
        at++;
      } else if (mark === ",") {
        endField();
        at++;
      } else if (mark === "\n") {
        if (place === "plain") field = field.replace(/\r$/, "");
        const blank = fields.length === 0 && place !== "behind" && field === "";
        if (blank) place = "before";
        else {
          endField();
          yield endRow(end);
        }
        at++;
      } else if (place === "behind") {
        // Before the end of a line.
        if (mark !== "\r") throw malformed(name, `${show(mark)} follows a quoted field`);
        at++;
      } else {
        const rest = /[,\n]/g;
        rest.lastIndex = at;
        const next = rest.exec(text)?.index ?? text.length;
        field += text.slice(at, next);
        place = "plain";
        at = next;
      }
    }
    assertLength(name, length + field.length);
  }
  if (place === "quoted") throw malformed(name, "its last quoted field has no end");
  if (fields.length > 0 || field !== "" || place === "behind") {
    endField();
    yield endRow(content.bytes);
  }
}

const malformed = (name: string, found: string): FacetError =>
  new FacetError(
    "Format",
    `Reading ${name}: ${found}. Write it with commas, and with fields in quotation marks where they hold commas, marks or line ends.`,
  );
