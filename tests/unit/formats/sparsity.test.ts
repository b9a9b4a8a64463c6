// The bundled sparsity files against the card's counts, and files of the other kind.

import { describe, expect, test } from "vitest";
import { readLogDensity } from "../../../src/formats/sparsity.ts";
import type { FileTree } from "../../../src/lib/byteSource.ts";
import { f32Bytes } from "../../../src/lib/dtype.ts";
import { FacetError } from "../../../src/lib/errors.ts";
import { facetError } from "./facetError.ts";
import { bytesOf, fixtureTree, memoryTree, readFixture, safetensorsOf } from "./files.ts";

/** A sparsity file with these values. */
function tree(values: number[], name = "sparsity") {
  const file = safetensorsOf({ [name]: [values.length] });
  file.set(f32Bytes(Float32Array.from(values)), file.byteLength - 4 * values.length);
  return memoryTree({ "sparsity.safetensors": file });
}

const integers = safetensorsOf({ sparsity: [2] }, "I32");

interface Card {
  saes: { id: string; deadBySparsityFile: Record<string, number> }[];
}
const card = JSON.parse(
  new TextDecoder().decode(await readFixture("public/demo/card.json")),
) as Card;

describe("the bundled files", () => {
  test.each([
    ["blocks.0.hook_resid_post", 1024],
    ["blocks.3.hook_resid_post_fast_lr", 2048],
    ["blocks.3.hook_resid_post_topk", 1024],
    ["blocks.5.hook_resid_post", 1024],
  ])("%s counts as many dead as its card", async (folder, dSae) => {
    const { values } = await readLogDensity(fixtureTree(`public/demo/sae/${folder}`), dSae);
    const counted = card.saes.find(({ id }) => id === folder)?.deadBySparsityFile ?? {};
    const thresholds = Object.keys(counted).map(Number);
    expect(thresholds).toEqual([-5, -6]);
    expect(thresholds.map((most) => values?.filter((value) => value <= most).length)).toEqual(
      Object.values(counted),
    );
  });
});

describe("readLogDensity", () => {
  test("leaves logarithms as they are", async () => {
    expect(await readLogDensity(tree([-10, -2.5, 0]), 3)).toEqual({
      values: Float32Array.of(-10, -2.5, 0),
      notice: null,
    });
  });

  test("takes the logarithm of rates", async () => {
    const { values } = await readLogDensity(tree([0, 0.01, 1]), 3);
    expect([...(values ?? [])].map((value) => value.toFixed(5))).toEqual([
      "-10.00000",
      "-2.00000",
      "0.00000",
    ]);
  });

  test("knows logarithms by any negative value, though the first feature fires on every token", async () => {
    expect((await readLogDensity(tree([0, -3]), 2)).values).toEqual(Float32Array.of(0, -3));
  });

  test("knows nothing, and says nothing, without a file", async () => {
    expect(await readLogDensity(memoryTree({}), 3)).toEqual({ values: null, notice: null });
  });

  const pointer = bytesOf("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 592\n");
  test.each<[string, FileTree, number, RegExp]>([
    ["another width", tree([-1, -1]), 3, /\[3\], found shape \[2\]/],
    ["another name", tree([-1], "density"), 1, /found none/],
    ["NaN", tree([-1, NaN]), 2, /finite numbers/],
    ["an infinity", tree([-1, -Infinity]), 2, /finite numbers/],
    ["rates over 1", tree([0, 3]), 2, /values over 1/],
    ["logarithms over 0", tree([-1, 3]), 2, /values over 0/],
    ["nothing at all", memoryTree({ "sparsity.safetensors": new Uint8Array(0) }), 2, /0 bytes/],
    ["a pointer", memoryTree({ "sparsity.safetensors": pointer }), 2, /Git LFS pointer/],
    ["integers", memoryTree({ "sparsity.safetensors": integers }), 2, /I32/],
  ])("tells of a file with %s, and goes on", async (_, folder, dSae, found) => {
    const { values, notice } = await readLogDensity(folder, dSae);
    expect(values).toBeNull();
    expect(notice).toMatch(/not known: sparsity.safetensors cannot be used/);
    expect(notice).toMatch(found);
  });

  test("tells of a file that cannot be read", async () => {
    const lost = new FacetError("Network", "Reading the file: no answer.");
    const broken: FileTree = { ...tree([-1]), open: () => Promise.reject(lost) };
    expect((await readLogDensity(broken, 1)).notice).toMatch(/no answer/);
  });

  test("stops where it is told to", async () => {
    const signal = AbortSignal.abort();
    await expect(readLogDensity(tree([-1]), 1, { signal })).rejects.toThrow(
      facetError("Cancelled", /reading/),
    );
  });
});
