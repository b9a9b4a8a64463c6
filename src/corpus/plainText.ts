// A plain text file, cut into documents at empty lines: paragraphs go together until they are long enough to fill
// contexts, so that a book is many documents and none has to stand in memory whole.

import type { Content } from "./content.ts";
import { readLines } from "./lines.ts";
import type { TextSource } from "./textSource.ts";

/** Characters after which the next empty line ends a document. */
const ENOUGH = 16 * 1024;
/** Characters after which any line does. */
const TOO_MUCH = 4 * ENOUGH;

export function plainTextSource(content: Content): TextSource {
  const { name, bytes } = content;
  return {
    name,
    bytes,
    async *read(first, options) {
      let number = 0;
      let lines: string[] = [];
      let length = 0;
      let behind = 0;
      for await (const { text, end } of readLines(content, options)) {
        lines.push(text);
        length += text.length + 1;
        behind = end;
        const paragraphEnds = text.trim() === "";
        if (length > TOO_MUCH || (paragraphEnds && length > ENOUGH)) {
          if (number >= first) yield { text: lines.join("\n").trim(), share: end / bytes };
          number++;
          lines = [];
          length = 0;
        }
      }
      const text = lines.join("\n").trim();
      if (text !== "" && number >= first) yield { text, share: behind / bytes };
    },
  };
}
