// Files from disk: Git LFS pointers in place of the files they stand for.

import { describe, expect, test } from "vitest";
import { readSafetensorsHeader } from "../../../src/formats/safetensors.ts";
import { localTree } from "../../../src/hub/localTree.ts";
import { memorySource, readFile } from "../../../src/lib/byteSource.ts";
import { facetError } from "../formats/facetError.ts";

const POINTER = `version https://git-lfs.github.com/spec/v1
oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
size 3908744
`;
const told = facetError("Format", /Git LFS pointer.*git lfs pull/);

describe.each(["model.safetensors", "tokenizer.json", "corpus.jsonl", "part.parquet"])(
  "a Git LFS pointer in place of %s",
  (path) => {
    const tree = localTree("clone", [{ path, file: new Blob([POINTER]) }]);

    test("is told as what it is, however it is read", async () => {
      await expect(readFile(tree, path, 1e6)).rejects.toThrow(told);
      const source = await tree.open(path);
      const streaming = async (): Promise<void> => {
        for await (const _ of source?.stream(0, 10) ?? []);
      };
      await expect(streaming()).rejects.toThrow(told);
    });
  },
);

test("weights on a hub that gives pointers for files are refused with the same word", async () => {
  const source = memorySource("model.safetensors", new TextEncoder().encode(POINTER));
  await expect(readSafetensorsHeader(source)).rejects.toThrow(told);
});

test("a text about versions is a text", async () => {
  const text = "version https of the story, spec/v1";
  const tree = localTree("texts", [{ path: "a.txt", file: new Blob([text]) }]);
  expect(new TextDecoder().decode(await readFile(tree, "a.txt", 1000))).toBe(text);
});
