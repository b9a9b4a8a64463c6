// What a reader downloads for tokenizing: built as the page is, weighed, and searched for what does not belong there.

import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { expect, test } from "vitest";

/** Gzipped: library and src/tokenizer together. */
const MOST_BYTES = 10 * 1024;

test("the tokenizer is built without ONNX runtime and hub, and of its library only what is used", async () => {
  const root = fileURLToPath(new URL("../../../", import.meta.url));
  const result = await build({
    root,
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      target: "es2023",
      rolldownOptions: {
        input: path.join(root, "src/tokenizer/tokenizer.ts"),
        preserveEntrySignatures: "strict",
      },
    },
  });
  if (!("output" in result)) throw new Error("One build was asked for, without watching.");
  const chunks = result.output.filter((file) => file.type === "chunk");
  expect(chunks).toHaveLength(1);
  const [{ code, modules }] = chunks as [(typeof chunks)[0]];

  const library = Object.keys(modules).filter((id) => id.includes("node_modules/@huggingface"));
  expect(library.map((id) => id.replace(/.*@huggingface\//, "")).toSorted()).toEqual([
    "tokenizers/dist/tokenizers.mjs",
  ]);
  expect(code).not.toMatch(/onnx|huggingface\.co\/\{|\bfetch\(|XMLHttpRequest|import\(/);
  expect(gzipSync(code).byteLength).toBeLessThan(MOST_BYTES);
});
