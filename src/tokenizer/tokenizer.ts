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
  readonly encode: (text: string) => number[];
  /** The text of ids, special tokens left out. */
  readonly decode: (ids: readonly number[]) => string;
  /** The vocabulary's piece as stored ("▁the", "<0x0A>"); "#123" for an id that the vocabulary does not fill. */
  readonly piece: (id: number) => string;
  /** Is it pad, eos, bos or unk? */
  readonly isSpecial: (id: number) => boolean;
  readonly bosId: number;
  /** One more than the highest id. */
  readonly vocabSize: number;
  /** The same of the vocabulary itself: tokens that were added may lie behind a model's last row. */
  readonly ownVocabSize: number;
}

/** Keys of tokenizer_config.json, and Gemma's names for the tokens where the file does not say. */
const SPECIAL = { bos_token: "<bos>", eos_token: "<eos>", pad_token: "<pad>", unk_token: "<unk>" };
/** Gemma has 256,000 pieces; the bound keeps a lying id from making a vast sparse array. */
const MAX_ID = 1 << 24;
/**
 * What a pipeline of Gemma's kind is made of. The library knows more, some of which a hostile file can make run
 * for ever (FixedLength of 0) and some of which are regular expressions.
 */
const PARTS: ReadonlySet<unknown> = new Set([
  "Sequence",
  "Replace",
  "Prepend",
  "Split",
  "TemplateProcessing",
  "ByteFallback",
  "Fuse",
  "Strip",
]);

/** `Format` where the files are not what they claim, `Unsupported` where they are no tokenizer of Gemma's kind. */
export function createTokenizer(
  tokenizerJson: Uint8Array,
  tokenizerConfig: Uint8Array | null,
): Tokenizer {
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
  // No more of tokenizer_config.json than encoding needs.
  const library = attempt(
    "make a tokenizer",
    () => new PreTrainedTokenizer(json, { ...special, clean_up_tokenization_spaces: false }),
  );
  const template = attempt("encode", () => library.tokenize("", { add_special_tokens: true }));
  const unknown = template.find((piece) => !idOf.has(piece));
  if (unknown !== undefined)
    throw malformed(`its template names ${show(unknown)}, which is not in the vocabulary`);

  return {
    encode(text) {
      const ids = attempt("encode", () => library.encode(text));
      if (!ids.every(Number.isSafeInteger))
        throw malformed("it has no id for part of the text, not even unk's");
      return ids[0] === bosId && ids[1] === bosId ? ids.slice(1) : ids;
    },
    decode: (ids) =>
      ids.length === 0
        ? ""
        : attempt("decode", () => library.decode([...ids], { skip_special_tokens: true })),
    piece: (id) => pieces[id] ?? `#${id}`,
    isSpecial: (id) => specialIds.has(id),
    bosId,
    vocabSize: pieces.length,
    ownVocabSize: ownVocabSize(json),
  };
}

/** What the library does with the file; its errors are the file's fault. */
function attempt<T>(doing: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw malformed(`Transformers.js cannot ${doing} with it`, cause);
  }
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
  for (const part of ["normalizer", "pre_tokenizer", "post_processor", "decoder"]) {
    const foreign = findForeign(json[part]);
    if (foreign !== null) {
      throw new FacetError(
        "Unsupported",
        `Reading tokenizer.json: its ${part} has ${foreign}, which no tokenizer of Gemma has and which is not run.`,
      );
    }
  }
}

const isPlain = (pattern: unknown): boolean =>
  isJsonObject(pattern) && typeof pattern["String"] === "string";

/** The first thing in a part of the pipeline that is not one of PARTS; null where there is none. */
function findForeign(part: unknown): string | null {
  if (typeof part !== "object" || part === null) return null;
  const { type, pattern } = part as JsonObject;
  if (type !== undefined && !PARTS.has(type)) return `a part of type ${show(type)}`;
  if ((type === "Replace" || type === "Split") && !isPlain(pattern)) {
    return `a ${type} by something other than plain text, such as a regular expression`;
  }
  for (const child of Object.values(part)) {
    const foreign = findForeign(child);
    if (foreign !== null) return foreign;
  }
  return null;
}

/** Piece to id, added tokens included (they win, as they do in the library). */
function readVocabulary(json: JsonObject): ReadonlyMap<string, number> {
  const { model, added_tokens: added } = json;
  const vocab = isJsonObject(model) ? model["vocab"] : undefined;
  if (!isJsonObject(vocab)) throw malformed(`its model.vocab is ${show(vocab)}, not an object`);
  if (!Array.isArray(added)) throw malformed(`its added_tokens are ${show(added)}, not a list`);
  const idOf = new Map<string, number>();
  const add = (piece: unknown, id: unknown): void => {
    if (
      typeof piece !== "string" ||
      typeof id !== "number" ||
      !Number.isInteger(id) ||
      id < 0 ||
      id >= MAX_ID
    ) {
      throw malformed(`it gives the piece ${show(piece)} the id ${show(id)}`);
    }
    idOf.set(piece, id);
  };
  for (const [piece, id] of Object.entries(vocab)) add(piece, id);
  for (const token of added as unknown[]) {
    if (!isJsonObject(token))
      throw malformed(`one of its added_tokens is ${show(token)}, not an object`);
    add(token["content"], token["id"]);
  }
  return idOf;
}

/** One more than the highest id of the vocabulary, added tokens left out; its ids were checked. */
function ownVocabSize({ model }: JsonObject): number {
  const vocab = isJsonObject(model) ? model["vocab"] : {};
  return Object.values(isJsonObject(vocab) ? vocab : {}).reduce<number>(
    (size, id) => Math.max(size, typeof id === "number" ? id + 1 : 0),
    0,
  );
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
  new FacetError(
    "Format",
    `Reading tokenizer.json: ${found}. Fetch the model's tokenizer files again.`,
    cause,
  );
