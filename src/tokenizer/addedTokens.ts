// Finds added tokens in a text: the longest at each place, from left to right, as Hugging Face's tokenizers do
// (AddedVocabulary), with what their flags say of words and white space.

import { FacetError } from "../lib/errors.ts";
import { show } from "../lib/json.ts";
import type { AddedToken } from "./vocabulary.ts";

/** A stretch of text, or the token that one stands for. */
export type Section = string | AddedToken;

/** A character of a word as Rust's regular expressions see it. */
const WORD_BEFORE = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u;
const WORD_BEHIND = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;
/** White space as Unicode has it; JavaScript's own differs by U+0085 and U+FEFF. */
const SPACE = /\p{White_Space}/u;

interface Node {
  readonly next: Map<number, Node>;
  token: AddedToken | null;
}

const ALIKE = "which tokenizer.json has twice";

export class AddedTokens {
  /** By UTF-16 code unit. */
  readonly #root: Node = { next: new Map(), token: null };

  /** @param spelling how a token stands in the text that is searched. */
  constructor(tokens: readonly AddedToken[], spelling: (token: AddedToken) => string) {
    for (const token of tokens) {
      const node = this.#path(spelling(token));
      if (node === this.#root) continue;
      // The reference takes either of two that are spelled alike, by chance: no id is the right one.
      node.token = node.token === null ? token : { ...token, id: null, wrong: ALIKE };
    }
  }

  split(text: string): Section[] {
    const sections: Section[] = [];
    /** Behind what was given out, and the white space that it took along. */
    let done = 0;
    /** White space ends there that was walked over already. */
    let spaceEnd = 0;
    for (let at = 0; at < text.length;) {
      const found = this.#longest(text, at);
      if (found === null) {
        at++;
        continue;
      }
      const { token, end } = found;
      if (!token.singleWord || isWord(text, at, end)) {
        const from = token.lstrip ? Math.max(done, spaceBefore(text, at, done)) : at;
        if (token.rstrip) spaceEnd = end < spaceEnd ? spaceEnd : spaceBehind(text, end);
        const to = token.rstrip ? spaceEnd : end;
        if (done < from) sections.push(text.slice(done, from));
        // One whose text another token took along as white space is none.
        if (from < to) sections.push(token);
        done = to;
      }
      at = end;
    }
    if (done < text.length) sections.push(text.slice(done));
    return sections;
  }

  #path(content: string): Node {
    let node = this.#root;
    for (let i = 0; i < content.length; i++) {
      const unit = content.charCodeAt(i);
      let next = node.next.get(unit);
      if (!next) node.next.set(unit, (next = { next: new Map(), token: null }));
      node = next;
    }
    return node;
  }

  #longest(text: string, from: number): { token: AddedToken; end: number } | null {
    let found = null;
    let node = this.#root.next.get(text.charCodeAt(from));
    for (let at = from + 1; node; node = node.next.get(text.charCodeAt(at++))) {
      if (node.token) found = { token: node.token, end: at };
    }
    return found;
  }
}

/** The id of a token that stands in a text. */
export function idOf({ content, id, wrong }: AddedToken): number {
  if (id !== null) return id;
  throw new FacetError(
    "NoSuchToken",
    `Tokenizing a text: it holds ${show(content)}, ${wrong ?? ""}. Leave it out of the text, or give token ids.`,
  );
}

/** A character is two units at most. */
const isWord = (text: string, from: number, to: number): boolean =>
  !WORD_BEFORE.test(text.slice(Math.max(0, from - 2), from)) &&
  !WORD_BEHIND.test(text.slice(to, to + 2));

function spaceBefore(text: string, end: number, least: number): number {
  let at = end;
  while (at > least && SPACE.test(text.charAt(at - 1))) at--;
  return at;
}

function spaceBehind(text: string, from: number): number {
  let at = from;
  while (at < text.length && SPACE.test(text.charAt(at))) at++;
  return at;
}
