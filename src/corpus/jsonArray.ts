// A JSON file that is one list of objects, read an element at a time: the list never stands in memory whole.

import type { ReadOptions } from "../lib/byteSource.ts";
import { FacetError } from "../lib/errors.ts";
import type { Content } from "./content.ts";
import { JsonRows } from "./jsonRows.ts";
import { assertLength, readText, type TextPiece } from "./lines.ts";
import type { TextSource } from "./textSource.ts";

export function jsonArraySource(content: Content, column: string): TextSource {
  const { name, bytes } = content;
  return {
    name,
    bytes,
    async *read(first, options) {
      const rows = new JsonRows(name, column, first);
      let number = 0;
      for await (const { text, end } of readElements(content, options)) {
        if (number >= first) yield { text: rows.text(text, number), share: end / bytes };
        number++;
      }
      rows.done();
    },
  };
}

/** The list's elements as they are written. That they are JSON is for others to check. */
async function* readElements(content: Content, options?: ReadOptions): AsyncGenerator<TextPiece> {
  const { name } = content;
  // What says where an element ends; inside strings the first two alone.
  const structure = /["\\[\]{},]/g;
  /** Lists and objects that are open: 1 between elements, 0 before the list and behind it. */
  let depth = 0;
  let inString = false;
  let escaped = false;
  let element = "";
  let elements = 0;
  let ended = false;
  for await (const { text, end } of readText(content, options)) {
    let from = 0;
    structure.lastIndex = escaped ? 1 : 0;
    if (text !== "") escaped = false;
    for (let found = structure.exec(text); found; found = structure.exec(text)) {
      const [mark] = found;
      const at = found.index;
      if (mark === "\\") {
        if (inString) structure.lastIndex = at + 2;
        escaped = inString && at + 1 === text.length;
      } else if (mark === '"') inString = !inString;
      else if (inString) continue;
      else if (depth === 0) {
        if (mark !== "[" || ended || text.slice(from, at).trim() !== "") throw noList(name);
        depth = 1;
        from = at + 1;
      } else if (depth === 1 && (mark === "," || mark === "]")) {
        element += text.slice(from, at);
        from = at + 1;
        // "[]" has none.
        if (mark === "," || elements > 0 || element.trim() !== "") {
          yield { text: element.trim(), end };
          elements++;
        }
        element = "";
        ended = mark === "]";
        if (ended) depth = 0;
      } else if (mark === "[" || mark === "{") depth++;
      else if (mark !== ",") depth--;
      if (escaped) break;
    }
    if (depth === 0 && text.slice(from).trim() !== "") throw noList(name);
    element += text.slice(from);
    assertLength(name, element.length);
  }
  if (!ended && (depth > 0 || element !== "")) {
    throw new FacetError(
      "Format",
      `Reading ${name}: its list of ${elements} and more has no end. Was it saved whole?`,
    );
  }
}

const noList = (name: string): FacetError =>
  new FacetError(
    "Format",
    `Reading ${name}: expected one list of objects and nothing before or behind it. Write an object a line (JSONL), or one list.`,
  );
