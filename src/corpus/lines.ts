// The lines of a UTF-8 file, streamed. What is not UTF-8 becomes U+FFFD, as in any browser.

import type { ByteSource, ReadOptions } from "../lib/byteSource.ts";
import { FacetError } from "../lib/errors.ts";

/** A longer line is no document that anyone would read, and may be a file of another kind. */
const MAX_LINE = 16 * 1024 * 1024;

export interface Line {
  /** Without its end. */
  readonly text: string;
  /** Bytes of the file up to about its end; for a progress bar. */
  readonly end: number;
}

export async function* readLines(source: ByteSource, options?: ReadOptions): AsyncGenerator<Line> {
  const decoder = new TextDecoder();
  const size = await source.size(options);
  let rest = "";
  let end = 0;
  for await (const bytes of source.stream(0, size, options)) {
    const before = end;
    end += bytes.byteLength;
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE) {
      throw new FacetError(
        "Format",
        `Reading ${source.name}: a line is longer than ${MAX_LINE} characters. Is it a text file, with one document a line where it is JSONL?`,
      );
    }
    for (const [i, text] of lines.entries()) {
      const share = (i + 1) / (lines.length + 1);
      yield { text: text.replace(/\r$/, ""), end: before + share * bytes.byteLength };
    }
  }
  rest += decoder.decode();
  if (rest !== "") yield { text: rest, end };
}
