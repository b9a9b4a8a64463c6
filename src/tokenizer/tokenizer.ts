// Text to token ids and back to pieces, from a model's own tokenizer files. The only importer of
// @huggingface/transformers, of which it uses the tokenizer alone: no network, no hub, no chat templates.

import { PreTrainedTokenizer } from "@huggingface/transformers";
import { FacetError } from "../lib/errors.ts";
import { isJsonObject, parseJsonObject, show, type JsonObject } from "../lib/json.ts";

export interface Tokenizer {
  /**
   * The ids Hugging Face's tokenizer gives, with BOS where the file's template puts it. Strings that name special
   * tokens become those tokens, as they do there ("<eos>" in a text is the id of eos); the one difference is that
   * a text which begins with BOS itself does not get a second one. Every other character is text: nothing is
   * stripped or normalised beyond what the file says, bidi controls become byte tokens like any rare character,
   * and half of a surrogate pair counts as U+FFFD.
   */
  encode(text: string): number[];
  /** The text of ids, special tokens left out. */
  decode(ids: readonly number[]): string;
  /** The vocabulary's piece as stored ("▁the", "<0x0A>"); "#123" for an id that the vocabulary does not fill. */
  piece(id: number): string;
  /** Is it pad, eos, bos or unk? */
  isSpecial(id: number): boolean;
  readonly bosId: number;
  /** One more than the highest id. */
  readonly vocabSize: number;
}

/** Keys of tokenizer_config.json, and Gemma's names for the tokens where the file does not say. */
const SPECIAL = { bos_token: "<bos>", eos_token: "<eos>", pad_token: "<pad>", unk_token: "<unk>" };
/** Gemma has 256,000 pieces; the bound keeps a lying id from making a vast sparse array. */
const MAX_ID = 1 << 24;

/** `Format` where the files are not what they claim, `Unsupported` where they are no tokenizer of Gemma's kind. */
export function createTokenizer(tokenizerJson: Uint8Array, tokenizerConfig: Uint8Array | null): Tokenizer {
  const json = parseJsonObject(tokenizerJson, "tokenizer.json");
  const config =
    tokenizerConfig === null ? {} : parseJsonObject(tokenizerConfig, "tokenizer_config.json");
  refuseOtherKinds(json);
  const idOf = readVocabulary(json);
  const pieces: string[] = [];
  for (const [piece, id] of idOf) pieces[id] ??= piece;

  const special = specialTokens(config);
  const bosId = idOf.get(special.bos_token);
  if (bosId === undefined) throw malformed(`its vocabulary has no ${show(special.bos_token)}`);
  const specialIds = new Set(Object.values(special).flatMap((token) => idOf.get(token) ?? []));
  const library = build(json, special);

  return {
    encode(text) {
      const ids = library.encode(text);
      return ids[0] === bosId && ids[1] === bosId ? ids.slice(1) : ids;
    },
    decode: (ids) => (ids.length === 0 ? "" : library.decode([...ids], { skip_special_tokens: true })),
    piece: (id) => pieces[id] ?? `#${id}`,
    isSpecial: (id) => specialIds.has(id),
    bosId,
    vocabSize: pieces.length,
  };
}

/** The library's tokenizer, tried once. It is given no more of tokenizer_config.json than encoding needs. */
function build(json: JsonObject, special: typeof SPECIAL): PreTrainedTokenizer {
  try {
    const library = new PreTrainedTokenizer(json, { ...special, clean_up_tokenization_spaces: false });
    const ids = library.encode("a b");
    if (ids.every(Number.isSafeInteger)) return library;
  } catch (cause) {
    throw malformed("Transformers.js cannot make a tokenizer of it", cause);
  }
  throw malformed("its template names a token that is not in the vocabulary");
}

function refuseOtherKinds(json: JsonObject): void {
  const { model } = json;
  if (!isJsonObject(model)) throw malformed(`its model is ${show(model)}, not an object`);
  if (model["type"] !== "BPE") {
    throw new FacetError(
      "Unsupported",
      `Reading tokenizer.json: its model is of type ${show(model["type"])}; Gemma's is "BPE".`,
    );
  }
  for (const part of ["normalizer", "pre_tokenizer", "decoder"]) {
    if (hasPattern(json[part])) {
      throw new FacetError(
        "Unsupported",
        `Reading tokenizer.json: its ${part} has a regular expression. Gemma's has none, and one from a file can run for ever.`,
      );
    }
  }
}

const hasPattern = (part: unknown): boolean =>
  typeof part === "object" &&
  part !== null &&
  (Object.hasOwn(part, "Regex") || Object.values(part).some(hasPattern));

/** Piece to id, added tokens included (they win, as they do in the library). */
function readVocabulary(json: JsonObject): ReadonlyMap<string, number> {
  const { model, added_tokens: added } = json;
  const vocab = isJsonObject(model) ? model["vocab"] : undefined;
  if (!isJsonObject(vocab)) throw malformed(`its model.vocab is ${show(vocab)}, not an object`);
  if (!Array.isArray(added)) throw malformed(`its added_tokens are ${show(added)}, not a list`);
  const idOf = new Map<string, number>();
  const add = (piece: unknown, id: unknown): void => {
    if (typeof piece !== "string" || typeof id !== "number" || !Number.isInteger(id) || id < 0 || id >= MAX_ID) {
      throw malformed(`it gives the piece ${show(piece)} the id ${show(id)}`);
    }
    idOf.set(piece, id);
  };
  for (const [piece, id] of Object.entries(vocab)) add(piece, id);
  for (const token of added as unknown[]) {
    if (!isJsonObject(token)) throw malformed(`one of its added_tokens is ${show(token)}, not an object`);
    add(token["content"], token["id"]);
  }
  return idOf;
}

/** The names of bos, eos, pad and unk: texts, or objects with the text as `content`. */
function specialTokens(config: JsonObject): typeof SPECIAL {
  const name = (key: keyof typeof SPECIAL): string => {
    const stated = config[key];
    const text = isJsonObject(stated) ? stated["content"] : stated;
    return typeof text === "string" ? text : SPECIAL[key];
  };
  return {
    bos_token: name("bos_token"),
    eos_token: name("eos_token"),
    pad_token: name("pad_token"),
    unk_token: name("unk_token"),
  };
}

const malformed = (found: string, cause?: unknown): FacetError =>
  new FacetError("Format", `Reading tokenizer.json: ${found}. Fetch the model's tokenizer files again.`, cause);
