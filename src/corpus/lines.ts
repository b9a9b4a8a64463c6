// A corpus file as text, and as lines of text, streamed. What is not UTF-8 becomes U+FFFD, as in any browser.

import type { ReadOptions } from "../lib/byteSource.ts";
import { FacetError } from "../lib/errors.ts";
import type { Content } from "./content.ts";

/** Characters of a line, a row or a value. A longer one is no document that anyone would read. */
export const MAX_LENGTH = 16 * 1024 * 1024;

export interface TextPiece {
  readonly text: string;
  /** Bytes of the file up to about its end; for a progress bar. */
  readonly end: number;
}

export async function* readText(
  content: Content,
  options?: ReadOptions,
): AsyncGenerator<TextPiece> {
  const decoder = new TextDecoder();
  for await (const { bytes, end } of content.pieces(options)) {
    yield { text: decoder.decode(bytes, { stream: true }), end };
  }
  yield { text: decoder.decode(), end: content.bytes };
}

/** Lines without their ends. */
export async function* readLines(
  content: Content,
  options?: ReadOptions,
): AsyncGenerator<TextPiece> {
  // Put together once it has an end: a line can come in a thousand pieces.
  let rest = "";
  let before = 0;
  for await (const { text, end } of readText(content, options)) {
    const [first = "", ...lines] = text.split("\n");
    rest += first;
    assertLength(content.name, rest.length);
    for (const [i, line] of lines.entries()) {
      const share = (i + 1) / (lines.length + 1);
      yield { text: rest.replace(/\r$/, ""), end: before + share * (end - before) };
      rest = line;
    }
    before = end;
  }
  if (rest !== "") yield { text: rest, end: content.bytes };
}

export function assertLength(name: string, length: number): void {
  if (length <= MAX_LENGTH) return;
  throw new FacetError(
    "Format",
    `Reading ${name}: a line or a row is longer than ${MAX_LENGTH} characters. Is it a text file, with one document a line where it is JSONL?`,
  );
}
