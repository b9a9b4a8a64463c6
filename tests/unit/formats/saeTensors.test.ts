// Each architecture's tensors, checked against its file and against the model before a weight is read.

import { describe, expect, test } from "vitest";
import { parseSaeConfig, type SaeConfig } from "../../../src/formats/saeConfig.ts";
import {
  assertSaeFits,
  checkSaeTensors,
  saeTensorShapes,
} from "../../../src/formats/saeTensors.ts";
import { openTensors } from "../../../src/formats/shards.ts";
import { facetError } from "./facetError.ts";
import { fixtureTree, jsonBytes, memoryTree, readFixture, safetensorsOf } from "./files.ts";

const FILE = "sae_weights.safetensors";

const config = (over: Record<string, unknown> = {}): SaeConfig =>
  parseSaeConfig(jsonBytes({ d_in: 8, d_sae: 12, hook_name: "blocks.2.hook_resid_post", ...over }));

const open = (shapes: Record<string, readonly number[]>, dtype = "F32", bytes = 4) =>
  openTensors(memoryTree({ [FILE]: safetensorsOf(shapes, dtype, bytes) }), FILE);

const STANDARD = { W_enc: [8, 12], W_dec: [12, 8], b_enc: [12], b_dec: [8] };

describe("tensors of an architecture", () => {
  test.each([
    ["standard", {}, ["b_enc"]],
    ["topk", { k: 3 }, ["b_enc"]],
    ["gated", {}, ["b_gate", "b_mag", "r_mag"]],
    ["jumprelu", {}, ["b_enc", "threshold"]],
    ["standard", { finetuning_scaling_factor: true }, ["b_enc", "scaling_factor"]],
  ])("%s %j", (architecture, over, vectors) => {
    expect(Object.fromEntries(saeTensorShapes(config({ architecture, ...over })))).toEqual({
      W_enc: [8, 12],
      W_dec: [12, 8],
      b_dec: [8],
      ...Object.fromEntries(vectors.map((name) => [name, [12]])),
    });
  });

  test.each([
    "tests/fixtures/goldens/sae/gated",
    "tests/fixtures/goldens/sae/jumprelu",
    "tests/fixtures/goldens/sae/standard-scaling-factor",
    "tests/fixtures/goldens/sae/topk-v5",
    "public/demo/sae/blocks.3.hook_resid_post_fast_lr",
    "public/demo/sae/blocks.3.hook_resid_post_topk",
  ])("stand in %s", async (folder) => {
    const tensors = await openTensors(fixtureTree(folder), FILE);
    const sae = parseSaeConfig(await readFixture(`${folder}/cfg.json`));
    await expect(checkSaeTensors(sae, tensors)).resolves.toBeUndefined();
  });

  test.each([
    [
      "a missing tensor",
      config(),
      { ...STANDARD, b_enc: [] },
      /"b_enc" should have shape \[12\], found \[\]/,
    ],
    [
      "a gated SAE without its gate",
      config({ architecture: "gated" }),
      STANDARD,
      /no tensor "b_gate"/,
    ],
    [
      "a jumprelu SAE without thresholds",
      config({ architecture: "jumprelu" }),
      STANDARD,
      /no tensor "threshold"/,
    ],
    [
      "W_enc the other way round",
      config(),
      { ...STANDARD, W_enc: [12, 8] },
      /"W_enc" should have shape \[8, 12\]/,
    ],
    [
      "another d_sae than cfg.json says",
      config({ d_sae: 16 }),
      STANDARD,
      /should have shape \[8, 16\], found \[8, 12\]/,
    ],
    [
      "thresholds that nothing would read",
      config(),
      { ...STANDARD, threshold: [12] },
      /it holds threshold, but cfg.json says architecture standard/,
    ],
    [
      "a scaling factor that is promised",
      config({ finetuning_scaling_factor: true }),
      STANDARD,
      /"scaling_factor"/,
    ],
  ])("%s: Format", async (_, sae, shapes, message) => {
    await expect(checkSaeTensors(sae, await open(shapes))).rejects.toThrow(
      facetError("Format", message),
    );
  });

  test("F64 is read", async () => {
    await expect(
      checkSaeTensors(config(), await open(STANDARD, "F64", 8)),
    ).resolves.toBeUndefined();
  });

  test("integers for weights: Unsupported", async () => {
    await expect(checkSaeTensors(config(), await open(STANDARD, "I32", 4))).rejects.toThrow(
      facetError("Unsupported", /W_enc is I32/),
    );
  });
});

describe("an SAE and a model", () => {
  test("fit", () => {
    expect(() => assertSaeFits(config(), { dModel: 8, layers: 3 })).not.toThrow();
  });

  test("of another width: Mismatch", () => {
    expect(() => assertSaeFits(config(), { dModel: 128, layers: 6 })).toThrow(
      facetError("Mismatch", /8 numbers.*128/),
    );
  });

  test("on a block the model lacks: Mismatch", () => {
    expect(() => assertSaeFits(config(), { dModel: 8, layers: 2 })).toThrow(
      facetError("Mismatch", /blocks\.2\.hook_resid_post: the model's last block is 1/),
    );
  });
});
