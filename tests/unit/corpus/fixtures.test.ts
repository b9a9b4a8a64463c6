// Corpora of every kind, as Python wrote them: the documents and tokens that they have.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { openText } from "../../../src/corpus/openText.ts";
import { memorySource } from "../../../src/lib/byteSource.ts";
import { createTokenizer } from "../../../src/tokenizer/tokenizer.ts";
import { repository } from "../../support/nodeFiles.ts";

const file = (path: string): Uint8Array => readFileSync(repository(path));
const tokenizer = createTokenizer(
  file("public/demo/model/tokenizer.json"),
  file("public/demo/model/tokenizer_config.json"),
  { bos: [2], eos: [1], pad: [0] },
);

it.each([
  ["gz.jsonl.gz", 400, 400, 8364],
  ["array.json", 5, 5, 124],
  ["table.csv", 20, 20, 383],
  ["null-text.jsonl", 400, 320, 6705],
  ["missing-text.jsonl", 400, 320, 6705],
  ["same.parquet", 400, 320, 6705],
])("%s: of %i rows %i have a text, %i tokens in all", async (name, rows, documents, tokens) => {
  const source = await openText(memorySource(name, file(`tests/fixtures/corpus/${name}`)), "text");
  const texts: string[] = [];
  for await (const { text } of source.read(0)) texts.push(text);
  expect(texts).toHaveLength(rows);
  const found = texts.filter((text) => text !== "");
  expect(found).toHaveLength(documents);
  // BOS is none of them.
  expect(found.reduce((sum, text) => sum + tokenizer.encode(text).length - 1, 0)).toBe(tokens);
});
