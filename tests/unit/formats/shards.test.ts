// Tensors by name, from one file or from shards, and folders whose index leads astray.

import { describe, expect, test } from "vitest";
import { openTensors } from "../../../src/formats/shards.ts";
import type { FileTree } from "../../../src/lib/byteSource.ts";
import { facetError } from "./facetError.ts";
import { bytesOf, fixtureTree, jsonBytes, memoryTree, safetensorsOf } from "./files.ts";

const FILE = "model.safetensors";
const INDEX = "model.safetensors.index.json";

/** The tree, and the paths that were opened in it, in order. */
function watched(tree: FileTree): { tree: FileTree; opened: string[] } {
  const opened: string[] = [];
  const open: FileTree["open"] = (path, options) => {
    opened.push(path);
    return tree.open(path, options);
  };
  return { tree: { ...tree, open }, opened };
}

describe("one file", () => {
  test("gives every tensor of the bundled model", async () => {
    const tensors = await openTensors(fixtureTree("public/demo/model"), FILE);
    expect(tensors.names).toHaveLength(6 * 9 + 2);
    expect(tensors.has("model.norm.weight")).toBe(true);
    expect(tensors.has("lm_head.weight")).toBe(false);
    const { info } = await tensors.get("model.embed_tokens.weight", [4096, 128]);
    expect(info.dtype).toBe("BF16");
  });

  test("a missing tensor, and another shape, are named with what was found", async () => {
    const tensors = await openTensors(
      memoryTree({ [FILE]: safetensorsOf({ W_enc: [4, 8] }) }),
      FILE,
    );
    await expect(tensors.get("W_dec")).rejects.toThrow(facetError("Format", /no tensor "W_dec"/));
    await expect(tensors.get("toString")).rejects.toThrow(facetError("Format", /"toString"/));
    await expect(tensors.get("W_enc", [8, 4])).rejects.toThrow(
      facetError("Format", /"W_enc" should have shape \[8, 4\], found \[4, 8\]/),
    );
    await expect(tensors.get("W_enc", [4, 8, 1])).rejects.toThrow(
      facetError("Format", /\[4, 8, 1\]/),
    );
  });
});

describe("shards", () => {
  const sharded = () => watched(fixtureTree("tests/fixtures/goldens/tiny-mqa-bf16-sharded"));

  test("are opened when a tensor of theirs is asked for, once each", async () => {
    const { tree, opened } = sharded();
    const tensors = await openTensors(tree, FILE);
    expect(tensors.names).toHaveLength(3 * 9 + 2);
    expect(opened.filter((path) => path.startsWith("model-"))).toEqual([]);

    const { source, info } = await tensors.get("model.layers.2.mlp.down_proj.weight", [48, 80]);
    await tensors.get("model.layers.2.mlp.up_proj.weight", [80, 48]);
    expect(source.name).toMatch(/model-00003-of-00003/);
    expect(info.end - info.start).toBe(48 * 80 * 2);
    expect(opened.filter((path) => path.startsWith("model-"))).toEqual([
      "model-00003-of-00003.safetensors",
    ]);
  });

  test("can be asked for again after a failure", async () => {
    const { tree } = sharded();
    const tensors = await openTensors(tree, FILE);
    const stopped = tensors.get("model.norm.weight", [48], { signal: AbortSignal.abort() });
    await expect(stopped).rejects.toThrow(facetError("Cancelled", /model-/));
    expect((await tensors.get("model.norm.weight", [48])).info.dtype).toBe("BF16");
  });

  const indexed = (weightMap: unknown, files: Record<string, Uint8Array> = {}) =>
    openTensors(memoryTree({ ...files, [INDEX]: jsonBytes({ weight_map: weightMap }) }), FILE);

  test.each([
    "../model.safetensors",
    "a/../../model.safetensors",
    "/etc/model.safetensors",
    "https://example.org/model.safetensors",
    "//example.org/model.safetensors",
    "a\\..\\model.safetensors",
    "%2e%2e/model.safetensors",
    "a//model.safetensors",
    "model.safetensors?x",
    "model.safetensors\n",
    "model.bin",
    "",
    7,
    null,
  ])("an index that names %j: Format", async (shard) => {
    await expect(indexed({ W: shard })).rejects.toThrow(
      facetError("Format", /"W" is said to stand in/),
    );
  });

  test.each([
    ["my model (v2) 00001-of-00004.safetensors"],
    ["模型-00001-of-00004.safetensors"],
    ["./model-00001-of-00004.safetensors", "model-00001-of-00004.safetensors"],
    ["././a/model#1 & 50%.safetensors", "a/model#1 & 50%.safetensors"],
  ])("an index that names %j is read", async (shard, path = shard) => {
    const tensors = await indexed({ W: shard }, { [path]: safetensorsOf({ W: [2] }) });
    expect((await tensors.get("W", [2])).source.name).toBe(`folder/${path}`);
  });

  test("an index without a weight_map, or no JSON: Format", async () => {
    await expect(indexed([])).rejects.toThrow(facetError("Format", /weight_map/));
    await expect(openTensors(memoryTree({ [INDEX]: bytesOf("<html>") }), FILE)).rejects.toThrow(
      facetError("Format", /not JSON/),
    );
  });

  test("a shard in a folder below is fine; one that is missing, or lacks the tensor, is named", async () => {
    const tensors = await indexed(
      { W: "parts/a.safetensors", b: "parts/a.safetensors", gone: "b.safetensors" },
      { "parts/a.safetensors": safetensorsOf({ W: [4] }) },
    );
    expect((await tensors.get("W", [4])).info.shape).toEqual([4]);
    await expect(tensors.get("b")).rejects.toThrow(
      facetError("Format", /"b" stands in parts\/a.safetensors/),
    );
    await expect(tensors.get("gone")).rejects.toThrow(
      facetError("EntryNotFound", /shard b.safetensors/),
    );
  });
});

test("a folder with neither says what was looked for", async () => {
  await expect(openTensors(memoryTree({}), FILE)).rejects.toThrow(
    facetError("EntryNotFound", /neither model\.safetensors nor model\.safetensors\.index\.json/),
  );
});
