// Every setting of tokenizer.json is run as Hugging Face's tokenizers run it (reference.test.ts), or refused by name; and no
// file makes a text grow, or a run last, beyond bounds.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createTokenizer, type Tokenizer } from "../../../src/tokenizer/tokenizer.ts";
import { facetError } from "../formats/facetError.ts";
import { jsonBytes } from "../formats/files.ts";

type Json = Record<string, unknown>;

const root = new URL("../../../", import.meta.url);
const base = JSON.parse(
  readFileSync(new URL("public/demo/model/tokenizer.json", root), "utf8"),
) as Json & { model: Json; added_tokens: Json[]; post_processor: Json };
const IDS = { bos: [2], eos: [1], pad: [0] };
const PLAIN = {
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: false,
};

/** The bundled tokenizer with other parts; `model` is laid over its model. */
function made(parts: Json = {}, model: Json = {}, config: Json | null = null): Tokenizer {
  const json = { ...base, ...parts, model: { ...base.model, ...model } };
  return createTokenizer(jsonBytes(json), config && jsonBytes(config), IDS);
}

const withToken = (token: Json): Json => ({
  added_tokens: [...base.added_tokens, { ...PLAIN, id: 4096, content: "whale", ...token }],
});

describe("an added token", () => {
  // Right values by tokenizers 0.23.2.
  test("that stands for a word alone is not found inside words", () => {
    const tokenizer = made(withToken({ single_word: true }));
    expect(tokenizer.encode("whale whales narwhale (whale)")).toEqual([
      2, 4096, 440, 3066, 416, 408, 2865, 1111, 375, 270, 4096, 271,
    ]);
  });

  test("whose id is not the one that Hugging Face gives it is an error where a text has it", () => {
    const tokenizer = made(withToken({ id: 4224 }));
    expect(tokenizer.encode("The king")).toEqual(made().encode("The king"));
    expect(() => tokenizer.encode("a whale")).toThrow(
      facetError("NoSuchToken", /holds "whale", token 4224 of the tokenizer.*number 4096/),
    );
    expect(tokenizer.ownVocabSize).toBe(4096);
    expect(tokenizer.vocabSize).toBe(4225);
  });

  test.each([
    { added_tokens_decoder: { 4096: { ...PLAIN, content: "whale" } } },
    { additional_special_tokens: ["whale"] },
    { extra_special_tokens: { image: "whale" } },
    { eos_token: "whale" },
  ])("of tokenizer_config.json alone is an error where a text has it: %j", (config) => {
    const tokenizer = made({}, {}, config);
    expect(tokenizer.encode("The king")).toEqual(made().encode("The king"));
    expect(() => tokenizer.encode("a whale")).toThrow(facetError("NoSuchToken", /"whale"/));
  });

  test("that is one of many does not slow a text down", () => {
    const many = Array.from({ length: 5000 }, (_, i) => ({
      ...PLAIN,
      id: 4096 + i,
      content: `<unused${i}>`,
    }));
    const tokenizer = made({ added_tokens: [...base.added_tokens, ...many] });
    expect(tokenizer.encode("<".repeat(100_000) + "<unused4999>").at(-1)).toBe(4096 + 4999);
  });

  test.each(["lstrip", "rstrip"])("of one space with %s takes long runs of them", (flag) => {
    const tokenizer = made(withToken({ content: " ", [flag]: true }));
    expect(tokenizer.encode(" ".repeat(200_000)).length).toBeGreaterThan(1);
  });
});

describe("specials are known from", () => {
  const template = (name: string, id: number): Json => ({
    post_processor: {
      type: "TemplateProcessing",
      single: [{ SpecialToken: { id: name, type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
      pair: [],
      special_tokens: { [name]: { id: name, ids: [id], tokens: [name] } },
    },
  });
  /** As Llama's: <unk>, <s> and </s> are 0, 1 and 2. */
  const names = ["<unk>", "<s>", "</s>", "<0>"];
  const vocab = Object.fromEntries(
    Object.entries(base.model["vocab"] as Record<string, number>).map(([piece, id]) => [
      names[id] ?? piece,
      id,
    ]),
  );
  const sentencePiece = {
    ...template("<s>", 1),
    added_tokens: [0, 1, 2].map((id) => ({ ...PLAIN, id, content: names[id], special: true })),
  };
  const specialOf = (tokenizer: Tokenizer): number[] =>
    Array.from({ length: 8 }, (_, id) => id).filter(tokenizer.isSpecial);

  test("the template, the model and config.json, without a tokenizer_config.json: BOS may be <s>", () => {
    const json = { ...base, ...sentencePiece, model: { ...base.model, vocab, unk_token: "<unk>" } };
    const ids = { bos: [1], eos: [2], pad: [] };
    const tokenizer = createTokenizer(jsonBytes(json), null, ids);
    expect(tokenizer.bosId).toBe(1);
    expect(tokenizer.encode("the king")).toEqual([1, ...made().encode("the king").slice(1)]);
    expect(tokenizer.encode("</s>")).toEqual([1, 2]);
    expect(specialOf(tokenizer)).toEqual([0, 1, 2]);
  });

  test("config.json only where a token of that id was added as special", () => {
    const tokenizer = made({ added_tokens: base.added_tokens.slice(1) });
    expect(specialOf(tokenizer)).toEqual([1, 2, 3]);
  });

  test("tokenizer_config.json, whose null says that there is none", () => {
    const config = { bos_token: "<bos>", eos_token: { content: "<eos>" }, pad_token: null };
    expect(specialOf(made({}, {}, config))).toEqual([1, 2, 3]);
  });

  test("a tokenizer whose template adds no BOS: prepended on request, by its name", () => {
    const tokenizer = made({ post_processor: null }, {}, { bos_token: "<bos>" });
    const own = made().encode("king", false);
    expect(tokenizer.encode("king", false)).toEqual(own);
    expect(tokenizer.encode("king")).toEqual([2, ...own]);
    expect(tokenizer.encode("<bos>king")).toEqual([2, ...own]);
    expect(tokenizer.encode("<bos>king", false)).toEqual([2, ...own]);
  });

  test("a tokenizer without BOS: EOS stands in, and without either nothing is put", () => {
    const eos = made({ post_processor: null }, {}, { bos_token: null, eos_token: "<eos>" });
    expect([eos.bosId, eos.bosIsEos]).toEqual([1, true]);
    const none = made({ post_processor: null }, {}, { bos_token: null, eos_token: null });
    expect([none.bosId, none.encode("")]).toEqual([null, []]);
  });

  test("without BOS a text keeps what it spells, and loses what the template adds", () => {
    expect(made().encode("", false)).toEqual([]);
    expect(made().encode("<bos>", false)).toEqual([2]);
    expect(made().encode("the king", false)).toEqual(made().encode("the king").slice(1));
  });
});

test.each([
  ["added_tokens", { added_tokens: undefined }],
  ["post_processor", { post_processor: undefined }],
  ["normalizer", { normalizer: undefined, pre_tokenizer: undefined, decoder: undefined }],
])("a file without %s is one that does not use it", (_, parts) => {
  expect(made(parts).encode("king", false).length).toBeGreaterThan(0);
});

test("truncation and padding say nothing: transformers sets both anew with each call", () => {
  const truncation = { direction: "Right", max_length: 2, strategy: "LongestFirst", stride: 0 };
  const padding = { strategy: { Fixed: 9 }, direction: "Right", pad_id: 0, pad_token: "<pad>" };
  expect(made({ truncation, padding }).encode("the king is")).toEqual(made().encode("the king is"));
});

describe("refused by name:", () => {
  const split = { type: "Split", pattern: { String: " " }, behavior: "Isolated", invert: false };
  const replace = { type: "Replace", pattern: { String: " " }, content: "▁" };
  const [first, ...rest] = base.added_tokens;

  test.each<[string, Json, RegExp]>([
    ["a version", { version: "2.0" }, /version "2.0"/],
    ["a setting of the file", { sampling: 1 }, /"sampling"/],
    ...[
      "BertNormalizer",
      "Precompiled",
      "NFC",
      "NFD",
      "NFKC",
      "NFKD",
      "Nmt",
      "Strip",
      "StripAccents",
      "Lowercase",
      "ByteLevel",
    ].map((type): [string, Json, RegExp] => [
      `the normalizer ${type}`,
      { normalizer: { type } },
      new RegExp(`normalizer.*"${type}"`),
    ]),
    ...[
      "BertPreTokenizer",
      "ByteLevel",
      "CharDelimiterSplit",
      "Digits",
      "FixedLength",
      "Metaspace",
      "Punctuation",
      "UnicodeScripts",
      "Whitespace",
      "WhitespaceSplit",
    ].map((type): [string, Json, RegExp] => [
      `the pre_tokenizer ${type}`,
      { pre_tokenizer: { type } },
      new RegExp(`pre_tokenizer.*"${type}"`),
    ]),
    ...["BertProcessing", "ByteLevel", "RobertaProcessing", "Sequence"].map(
      (type): [string, Json, RegExp] => [
        `the post_processor ${type}`,
        { post_processor: { type } },
        new RegExp(`post_processor.*"${type}"`),
      ],
    ),
    ...["BPEDecoder", "ByteLevel", "CTC", "Metaspace", "WordPiece"].map(
      (type): [string, Json, RegExp] => [
        `the decoder ${type}`,
        { decoder: { type } },
        new RegExp(`decoder.*"${type}"`),
      ],
    ),
    [
      "a regular expression",
      { pre_tokenizer: { ...split, pattern: { Regex: "(a+)+$" } } },
      /regular expression/,
    ],
    ["an unknown behavior", { pre_tokenizer: { ...split, behavior: "Kept" } }, /Kept/],
    ["a setting of a step", { normalizer: { ...replace, count: 1 } }, /Replace.*"count"/],
    [
      "the empty pattern",
      { normalizer: { ...replace, pattern: { String: "" } } },
      /Replace.*empty text/,
    ],
    [
      "a setting of an added token",
      { added_tokens: [{ ...first, greedy: true }, ...rest] },
      /added_tokens.*"greedy"/,
    ],
    [
      "an added token of great length",
      withToken({ content: "x".repeat(100_000) }),
      /longer than tokens are/,
    ],
    [
      "steps without end",
      {
        normalizer: {
          type: "Sequence",
          normalizers: Array.from({ length: 10_000 }, () => replace),
        },
      },
      /more than 32 steps/,
    ],
  ])("%s", (_, parts, message) => {
    expect(() => made(parts)).toThrow(facetError("Unsupported", message));
  });

  test.each<[string, Json, RegExp]>([
    ["dropout", { dropout: 0.1 }, /dropout 0.1/],
    ["a prefix", { continuing_subword_prefix: "##" }, /continuing_subword_prefix "##"/],
    ["a suffix", { end_of_word_suffix: "</w>" }, /end_of_word_suffix "<\/w>"/],
    ["a setting of the model", { cache_capacity: 1 }, /"cache_capacity"/],
    ["WordPiece", { type: "WordPiece" }, /"WordPiece"/],
    ["WordLevel", { type: "WordLevel" }, /"WordLevel"/],
    ["Unigram", { type: "Unigram" }, /"Unigram"/],
  ])("%s of the model", (_, model, message) => {
    expect(() => made({}, model)).toThrow(facetError("Unsupported", message));
  });

  test("split_special_tokens of tokenizer_config.json", () => {
    expect(() => made({}, {}, { split_special_tokens: true })).toThrow(
      facetError("Unsupported", /split_special_tokens/),
    );
  });

  test.each([
    ["flags that are none", withToken({ single_word: "yes" }), {}, /single_word "yes"/],
    ["merges of three", {}, { merges: ["t h e"] }, /merges is "t h e"/],
    ["fuse_unk that is none", {}, { fuse_unk: 1 }, /fuse_unk 1/],
  ])("not what it claims to be: %s", (_, parts, model, message) => {
    expect(() => made(parts, model)).toThrow(facetError("Format", message));
  });
});

test("merges that make a piece which is none are an error where a text has it", () => {
  const tokenizer = made({}, { merges: [["q", "z"]] });
  expect(tokenizer.encode("zq", false).length).toBe(2);
  expect(() => tokenizer.encode("qz")).toThrow(facetError("Format", /merges make "qz"/));
});

describe("a text does not grow without bounds:", () => {
  const twice = { type: "Replace", pattern: { String: "a" }, content: "aa" };
  const grown = facetError("Unsupported", /normalizer.*16 times as long/);

  test("22 steps that double it", () => {
    const tokenizer = made({
      normalizer: { type: "Sequence", normalizers: Array.from({ length: 22 }, () => twice) },
    });
    expect(() => tokenizer.encode("a")).toThrow(grown);
    expect(tokenizer.encode("b")).toEqual(made().encode("b"));
  });

  test("one step that makes a megabyte of each space", () => {
    const content = "x".repeat(1 << 20);
    const tokenizer = made({ normalizer: { ...twice, pattern: { String: " " }, content } });
    expect(() => tokenizer.encode(" ".repeat(100_000))).toThrow(grown);
  });

  test("a long prefix", () => {
    const tokenizer = made({ normalizer: { type: "Prepend", prepend: "x".repeat(1 << 16) } });
    expect(() => tokenizer.encode("a")).toThrow(grown);
  });

  test("twice as long is sound", () => {
    const tokenizer = made({ normalizer: twice });
    expect(tokenizer.encode("a".repeat(5000))).toEqual(
      made({ normalizer: null }).encode("a".repeat(10_000)),
    );
  });
});
