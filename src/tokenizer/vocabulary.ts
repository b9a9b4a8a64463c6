// The pieces of tokenizer.json and their ids: those of its model, and the tokens that were added to them.

import { isJsonObject, show } from "../lib/json.ts";
import { flag, list, malformed, settings, text, unsupported } from "./settings.ts";

export interface AddedToken {
  readonly content: string;
  /**
   * null where it has no id, or files disagree on it: Hugging Face's tokenizers number added tokens anew (as the model's
   * vocabulary has them, or one after the other behind it), and the file may state another id.
   */
  readonly id: number | null;
  /** What is wrong with its id, for a text that has it: `token 5 of the tokenizer, which …`. */
  readonly wrong: string | null;
  /** Stands for a word alone, not for a part of one. */
  readonly singleWord: boolean;
  /** Takes the white space before it, or behind it, along. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Is looked for in the normalised text. */
  readonly normalized: boolean;
  readonly special: boolean;
}

export interface Vocabulary {
  /** Of the model alone. */
  readonly idOf: ReadonlyMap<string, number>;
  /** One more than the highest of those ids. */
  readonly size: number;
  readonly added: readonly AddedToken[];
  /** By id; added tokens as the file states them. */
  readonly pieces: readonly string[];
}

/** Gemma 3 has 262,144 pieces; the bound keeps a lying id from making a vast sparse array. */
const MAX_ID = 1 << 24;
/** Characters of an added token, and of all of them: far more than any has. */
const MOST_CHARACTERS = 512;
const MOST_CHARACTERS_IN_ALL = 1 << 20;

const FLAGS = ["single_word", "lstrip", "rstrip", "normalized", "special"];

/** @param foreign tokens that another file adds, without ids. */
export function readVocabulary(
  vocab: unknown,
  addedTokens: unknown,
  foreign: readonly string[],
): Vocabulary {
  if (!isJsonObject(vocab)) throw malformed(`its model.vocab is ${show(vocab)}, not an object`);
  const idOf = new Map<string, number>();
  const pieces: string[] = [];
  for (const [piece, id] of Object.entries(vocab)) {
    const at = checkId(piece, id);
    idOf.set(piece, at);
    pieces[at] ??= piece;
  }
  const size = pieces.length;
  const added = new Map<string, AddedToken>();
  let last = -1;
  let characters = 0;
  for (const value of list({ added_tokens: addedTokens ?? [] }, "added_tokens", "it")) {
    const token = settings(value, "one of its added_tokens", ["id", "content", ...FLAGS]);
    const content = text(token, "content", "one of its added_tokens");
    const stated = checkId(content, token["id"]);
    pieces[stated] ??= content;
    if (content === "") continue;
    characters += content.length;
    if (content.length > MOST_CHARACTERS || characters > MOST_CHARACTERS_IN_ALL) {
      throw unsupported(`its added token ${show(content)} is longer than tokens are`);
    }
    const before = added.get(content);
    const known = before === undefined ? idOf.get(content) : (before.id ?? undefined);
    const id = known ?? (last >= idOf.size ? last + 1 : idOf.size);
    last = Math.max(last, id);
    const name = `its added token ${show(content)}`;
    const special = flag(token, "special", name);
    added.set(content, {
      content,
      id: id === stated ? id : null,
      wrong:
        id === stated
          ? null
          : `token ${stated} of the tokenizer, which Hugging Face's tokenizers number ${id}`,
      singleWord: flag(token, "single_word", name),
      lstrip: flag(token, "lstrip", name),
      rstrip: flag(token, "rstrip", name),
      normalized: flag(token, "normalized", name, !special),
      special,
    });
  }
  for (const content of foreign) {
    if (idOf.has(content) || added.has(content) || content === "") continue;
    added.set(content, { ...PLAIN, content });
  }
  return { idOf, size, added: [...added.values()], pieces };
}

const PLAIN = {
  id: null,
  wrong: "a token of tokenizer_config.json, to which tokenizer.json gives no id",
  singleWord: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
};

function checkId(piece: string, id: unknown): number {
  if (typeof id === "number" && Number.isInteger(id) && id >= 0 && id < MAX_ID) return id;
  throw malformed(`it gives the piece ${show(piece)} the id ${show(id)}`);
}
