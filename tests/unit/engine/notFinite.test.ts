// NaN and infinities: among weights they are refused by name, and where sound weights overflow, no figure hides it.

import { describe, expect, it } from "vitest";
import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import {
  baseModel,
  baseSae,
  changed,
  configured,
  engineOnFolders,
  type Folder,
  WEIGHTS,
} from "../../support/folders.ts";
import { TFJS_WASM } from "../../support/nodeFiles.ts";

const TEXT = "The senator from Ohio said: “No!”";

const { engine, add } = engineOnFolders("tfjs-wasm", () =>
  createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM }),
);
const open = (model: Folder, sae: Folder) =>
  engine.open({ model: add("model", model), sae: add("sae", sae) });

const NAN_AT = {
  W_enc: [5, "W_enc of local/sae", "[0, 5]"],
  b_enc: [5, "b_enc of local/sae", "[5]"],
  W_dec: [5 * 64, "W_dec of local/sae", "[5, 0]"],
  b_dec: [5, "b_dec of local/sae", "[5]"],
} as const;

describe("weights that are not finite are refused by name", () => {
  it.each(Object.entries(NAN_AT))("NaN in %s of an SAE", async (tensor, [index, name, at]) => {
    for (const value of [NaN, Infinity, -Infinity]) {
      const sae = changed(baseSae(), WEIGHTS.sae, tensor, (values) => (values[index] = value));
      await expect(open(baseModel(), sae)).rejects.toMatchObject({
        code: "Format",
        message: expect.stringMatching(new RegExp(`^Loading ${name}`)),
      });
      await expect(open(baseModel(), sae)).rejects.toMatchObject({
        message: expect.stringContaining(`value at ${at} is`),
      });
    }
  });

  it("of a top-k SAE", async () => {
    const topk = configured(baseSae(), { architecture: "topk", k: 9 });
    const sae = changed(topk, WEIGHTS.sae, "b_enc", (values) => (values[5] = NaN));
    await expect(open(baseModel(), sae)).rejects.toThrow(/Loading b_enc .* \[5\] is/);
  });

  it.each([
    ["model.layers.0.mlp.up_proj.weight", Infinity, "[1, 3]"],
    ["model.layers.1.input_layernorm.weight", NaN, "[3]"],
    ["model.embed_tokens.weight", NaN, "[1, 3]"],
  ])("in %s of a model", async (tensor, value, at) => {
    const index = at === "[3]" ? 3 : 64 + 3;
    const model = changed(baseModel(), WEIGHTS.model, tensor, (values) => (values[index] = value));
    const run = async (): Promise<void> => {
      await open(model, baseSae());
      await engine.analyze(TEXT, { mask: "all" });
    };
    await expect(run()).rejects.toMatchObject({
      code: "Format",
      message: expect.stringContaining(`value at ${at} is`),
    });
    await expect(run()).rejects.toThrow(`Loading ${tensor} of local/model`);
  });
});

describe("sound files", () => {
  it("open as before", async () => {
    await open(baseModel(), baseSae());
    const { metrics } = await engine.verify(TEXT, { mask: "all" });
    expect(metrics.l0).toBe(42.5625);
    expect(metrics.ceClean).toBeCloseTo(9.9146, 4);
    expect(metrics.ceSae).toBeCloseTo(9.8235, 4);
  });
});
