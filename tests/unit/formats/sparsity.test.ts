// The bundled sparsity files against the card's counts, and files of the other kind.

import { describe, expect, test } from "vitest";
import { readLogDensity } from "../../../src/formats/sparsity.ts";
import { f32Bytes } from "../../../src/lib/dtype.ts";
import { facetError } from "./facetError.ts";
import { fixtureTree, memoryTree, readFixture, safetensorsOf } from "./files.ts";

/** A sparsity file with these values. */
function tree(values: number[], name = "sparsity") {
  const file = safetensorsOf({ [name]: [values.length] });
  file.set(f32Bytes(Float32Array.from(values)), file.byteLength - 4 * values.length);
  return memoryTree({ "sparsity.safetensors": file });
}

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
    const logDensity = await readLogDensity(fixtureTree(`public/demo/sae/${folder}`), dSae);
    const counted = card.saes.find(({ id }) => id === folder)?.deadBySparsityFile ?? {};
    const thresholds = Object.keys(counted).map(Number);
    expect(thresholds).toEqual([-5, -6]);
    expect(thresholds.map((most) => logDensity?.filter((value) => value <= most).length)).toEqual(
      Object.values(counted),
    );
  });
});

describe("readLogDensity", () => {
  test("leaves logarithms as they are", async () => {
    expect(await readLogDensity(tree([-10, -2.5, 0]), 3)).toEqual(Float32Array.of(-10, -2.5, 0));
  });

  test("takes the logarithm of rates", async () => {
    const logDensity = await readLogDensity(tree([0, 0.01, 1]), 3);
    expect([...(logDensity ?? [])].map((value) => value.toFixed(5))).toEqual([
      "-10.00000",
      "-2.00000",
      "0.00000",
    ]);
  });

  test("knows logarithms by any negative value, though the first feature fires on every token", async () => {
    expect(await readLogDensity(tree([0, -3]), 2)).toEqual(Float32Array.of(0, -3));
  });

  test("is null without a file", async () => {
    expect(await readLogDensity(memoryTree({}), 3)).toBeNull();
  });

  test("refuses another width, another name, and what is no number", async () => {
    await expect(readLogDensity(tree([-1, -1]), 3)).rejects.toThrow(
      facetError("Format", /\[3\], found shape \[2\]/),
    );
    await expect(readLogDensity(tree([-1], "density"), 1)).rejects.toThrow(
      facetError("Format", /found none/),
    );
    await expect(readLogDensity(tree([-1, NaN]), 2)).rejects.toThrow(
      facetError("Format", /no finite/),
    );
  });
});
