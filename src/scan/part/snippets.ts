// The text of a part's examples: stretches of documents as token ids, each token once, however many examples it stands
// in. An example says where in its document it begins, and finds its tokens here.

import { defined } from "../../lib/defined.ts";
import type { Examples } from "../examples.ts";
import { ByteCursor, ByteWriter } from "./bytes.ts";

/** Tokens that one snippet may have; longer stretches go on in another. */
const MAX_SNIPPET = 1 << 16;

/** One snippet each: source, document, first token, number of tokens, token ids. */
export function writeSnippets(examples: Examples): Uint8Array[] {
  const { source, document, position, peak, length, ids, window } = examples;
  const start = (slot: number): number => defined(position[slot]) - defined(peak[slot]);
  const slots = Uint32Array.from(examples.slots()).toSorted(
    (a, b) =>
      defined(source[a]) - defined(source[b]) ||
      defined(document[a]) - defined(document[b]) ||
      start(a) - start(b),
  );
  const written: Uint8Array[] = [];
  let tokens: number[] = [];
  let first = 0;
  let last: number | null = null;
  const flush = (): void => {
    if (last === null) return;
    const writer = new ByteWriter();
    for (const number of [
      defined(source[last]),
      defined(document[last]),
      first,
      tokens.length,
      ...tokens,
    ])
      writer.number(number);
    written.push(writer.done());
  };
  for (const slot of slots) {
    const from = start(slot);
    const sameDocument =
      last !== null && source[last] === source[slot] && document[last] === document[slot];
    // Where an example would overlap two snippets it gets one of its own.
    const room = tokens.length + window <= MAX_SNIPPET;
    if (!sameDocument || from > first + tokens.length || !room) {
      flush();
      [tokens, first] = [[], from];
    }
    const known = first + tokens.length - from;
    const begin = slot * window;
    for (const id of ids.subarray(begin + known, begin + defined(length[slot]))) tokens.push(id);
    last = slot;
  }
  flush();
  return written;
}

export class Snippets {
  readonly #byDocument = new Map<string, { start: number; ids: Uint32Array }[]>();

  add(bytes: Uint8Array, name: string, sources: number): void {
    const cursor = new ByteCursor(bytes, name);
    const source = cursor.number(sources - 1);
    const document = cursor.number(2 ** 32 - 1);
    const start = cursor.number(2 ** 32 - 1);
    // Each token takes a byte at least: no more is made room for than the file has.
    const length = cursor.number(Math.min(MAX_SNIPPET, bytes.length));
    const ids = Uint32Array.from({ length }, () => cursor.number(2 ** 32 - 1));
    const key = `${source} ${document}`;
    const known = this.#byDocument.get(key);
    if (known) known.push({ start, ids });
    else this.#byDocument.set(key, [{ start, ids }]);
  }

  /** Tokens [start, start + length) of a document; null where the part does not have them. */
  find(source: number, document: number, start: number, length: number): Uint32Array | null {
    const snippet = this.#byDocument
      .get(`${source} ${document}`)
      ?.find((one) => one.start <= start && start + length <= one.start + one.ids.length);
    return snippet?.ids.subarray(start - snippet.start, start - snippet.start + length) ?? null;
  }
}
