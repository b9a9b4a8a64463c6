// JSONL: an object a line. Lines of nothing but white space are no documents.

import type { Content } from "./content.ts";
import { JsonRows } from "./jsonRows.ts";
import { readLines } from "./lines.ts";
import type { TextSource } from "./textSource.ts";

export function jsonlSource(content: Content, column: string): TextSource {
  const { name, bytes } = content;
  return {
    name,
    bytes,
    async *read(first, options) {
      const rows = new JsonRows(name, column, first);
      let number = 0;
      for await (const { text, end } of readLines(content, options)) {
        if (text.trim() === "") continue;
        if (number >= first) yield { text: rows.text(text, number), share: end / bytes };
        number++;
      }
      rows.done();
    },
  };
}
