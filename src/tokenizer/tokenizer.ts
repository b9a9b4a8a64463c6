// Text to token ids and back to pieces, from a model's own tokenizer files. What Hugging Face's tokenizers do, setting by
// setting: each is run as they run it, or refused by name. No network, no hub, no chat templates.

import { parseJsonObject, show } from "../lib/json.ts";
import { AddedTokens, idOf } from "./addedTokens.ts";
import { readDecoder } from "./decoder.ts";
import { readModel, requireBpe } from "./model.ts";
import { readNormalizer } from "./normalizer.ts";
import { readTemplate } from "./postProcessor.ts";
import { readPreTokenizer } from "./preTokenizer.ts";
import { settings, unsupported } from "./settings.ts";
import { type ConfigIds, findSpecials, namedTokens } from "./specials.ts";
import { readVocabulary } from "./vocabulary.ts";

export interface Tokenizer {
  /**
   * The ids Hugging Face's tokenizer gives. Strings that name special tokens become those tokens, as they do there
   * ("<eos>" in a text is the id of eos). Every other character is text: nothing is stripped or normalised beyond what
   * the file says, bidi controls become byte tokens like any rare character, and half of a surrogate pair counts as
   * U+FFFD.
   * @param bos true where it is not given: begins with BOS, whether the file's template puts it there or not, and with one where the text has it
   * too; else the template's is left out.
   */
  readonly encode: (text: string, bos?: boolean) => number[];
  /** The text of ids, special tokens left out. */
  readonly decode: (ids: readonly number[]) => string;
  /** The vocabulary's piece as stored ("▁the", "<0x0A>"); "#123" for an id that the vocabulary does not fill. */
  readonly piece: (id: number) => string;
  /** Is it pad, eos, bos, unk or sep, or does the template add it? */
  readonly isSpecial: (id: number) => boolean;
  /** null where no file names one: nothing is put in front of texts then. */
  readonly bosId: number | null;
  /** It is EOS that stands in for a BOS there is none of. */
  readonly bosIsEos: boolean;
  /** One more than the highest id. */
  readonly vocabSize: number;
  /** The same of the vocabulary itself: tokens that were added may lie behind a model's last row. */
  readonly ownVocabSize: number;
}

/**
 * truncation and padding are what Hugging Face's tokenizers were last set to; transformers sets both anew with each call,
 * to none unless it is asked.
 */
const PARTS = [
  "version",
  "truncation",
  "padding",
  "added_tokens",
  "normalizer",
  "pre_tokenizer",
  "post_processor",
  "decoder",
  "model",
];

/** `Format` where the files are not what they claim, `Unsupported` where they ask for what is not run. */
export function createTokenizer(
  tokenizerJson: Uint8Array,
  tokenizerConfig: Uint8Array | null,
  ids: ConfigIds,
): Tokenizer {
  const json = settings(parseJsonObject(tokenizerJson, "tokenizer.json"), "it", PARTS);
  const config =
    tokenizerConfig === null ? {} : parseJsonObject(tokenizerConfig, "tokenizer_config.json");
  const version = json["version"] ?? "1.0";
  if (version !== "1.0") throw unsupported(`it is of version ${show(version)}`);
  const bpe = requireBpe(json["model"]);
  const vocabulary = readVocabulary(bpe["vocab"], json["added_tokens"], namedTokens(config));
  const { added, pieces } = vocabulary;
  const model = readModel(bpe, vocabulary.idOf);
  const normalize = readNormalizer(json["normalizer"]);
  const cut = readPreTokenizer(json["pre_tokenizer"]);
  const template = readTemplate(json["post_processor"], pieces);
  const decode = readDecoder(json["decoder"]);
  const specials = findSpecials(config, ids, vocabulary, template, model.unkId);
  const { bosId, bosIsEos } = specials;

  // As they stand in the text, then as they stand in the normalised text between those.
  const verbatim = new AddedTokens(
    added.filter(({ normalized }) => !normalized),
    ({ content }) => content,
  );
  const normalized = new AddedTokens(
    added.filter((token) => token.normalized),
    ({ content }) => normalize?.(content) ?? content,
  );
  const encodeNormalized = (text: string): number[] =>
    normalized
      .split(text)
      .flatMap((section) =>
        typeof section === "string"
          ? (cut?.(section) ?? [section]).flatMap(model.encode)
          : idOf(section),
      );
  const encodeText = (text: string): number[] =>
    verbatim
      .split(text)
      .flatMap((section) =>
        typeof section === "string"
          ? encodeNormalized(normalize?.(section) ?? section)
          : idOf(section),
      );
  const special = new Set(added.flatMap((token) => (token.special ? token.content : [])));
  const spelled = [...pieces];
  for (const { id, content, normalized: isNormalized } of added) {
    if (id !== null && isNormalized) spelled[id] = normalize?.(content) ?? content;
  }

  return {
    encode(text, bos = true) {
      const { before, behind } = template;
      const own = encodeText(text);
      const begins = bosId !== null && (before[0] ?? own[0]) === bosId;
      if (!bos) return [...(begins ? before.slice(1) : before), ...own, ...behind];
      const rest = begins && before.length > 0 && own[0] === bosId ? own.slice(1) : own;
      return [...(begins || bosId === null ? [] : [bosId]), ...before, ...rest, ...behind];
    },
    decode: (some) =>
      decode(
        some.map((id) => spelled[id] ?? "").filter((piece) => piece !== "" && !special.has(piece)),
      ),
    piece: (id) => pieces[id] ?? `#${id}`,
    isSpecial: (id) => specials.ids.has(id),
    bosId,
    bosIsEos,
    vocabSize: pieces.length,
    ownVocabSize: vocabulary.size,
  };
}
