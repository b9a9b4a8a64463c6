// NaN and infinities through the engine: among weights they are refused by name, and where sound weights overflow, no
// figure hides it. Called once for each backend.

import { jobsOf } from "./jobs.ts";
import { describe, expect, it } from "vitest";
import type { Backend } from "../../src/backend/backend.ts";
import type { BackendName, Metrics } from "../../src/lib/report.ts";
import {
  baseModel,
  baseSae,
  changed,
  configured,
  engineOnFolders,
  type Folder,
  WEIGHTS,
} from "./folders.ts";

const TEXT = "The senator from Ohio said: “No!”";
/** Just inside f32. */
const HUGE = 3e38;

/** Index of the value that is replaced, and how the message names its place. */
const SAE_TENSORS = {
  W_enc: [5, "[0, 5]"],
  b_enc: [5, "[5]"],
  W_dec: [5 * 64, "[5, 0]"],
  b_dec: [5, "[5]"],
} as const;
const MODEL_TENSORS = {
  "model.layers.0.mlp.up_proj.weight": [64 + 3, "[1, 3]"],
  "model.layers.1.input_layernorm.weight": [3, "[3]"],
  "model.embed_tokens.weight": [64 + 3, "[1, 3]"],
} as const;

export function describeNotFinite(name: BackendName, start: () => Promise<Backend>): void {
  const { engine, add } = engineOnFolders(name, start);
  const open = (model: Folder, sae: Folder) =>
    engine.open({ model: add("model", model), sae: add("sae", sae) });
  const set =
    (index: number, value: number) =>
    (values: Float32Array): void => {
      values[index] = value;
    };
  const refused = (found: { tensor: string; folder: string; at: string }) => ({
    code: "Format",
    message: expect.stringMatching(
      new RegExp(
        `^Loading ${found.tensor} of local/${found.folder}.*: its value at \\${found.at.replace("]", "\\]")} is infinite or not a number`,
      ),
    ) as string,
  });

  describe(`${name}: weights that are not finite are refused by name`, () => {
    it.each(Object.entries(SAE_TENSORS))("%s of an SAE", async (tensor, [index, at]) => {
      for (const value of [NaN, Infinity, -Infinity]) {
        const sae = changed(baseSae(), WEIGHTS.sae, tensor, set(index, value));
        await expect(open(baseModel(), sae)).rejects.toMatchObject(
          refused({ tensor, folder: "sae", at }),
        );
      }
    });

    it("b_enc of a top-k SAE", async () => {
      const topk = configured(baseSae(), { architecture: "topk", k: 9 });
      const sae = changed(topk, WEIGHTS.sae, "b_enc", set(5, NaN));
      await expect(open(baseModel(), sae)).rejects.toMatchObject(
        refused({ tensor: "b_enc", folder: "sae", at: "[5]" }),
      );
    });

    it.each(Object.entries(MODEL_TENSORS))("%s of a model", async (tensor, [index, at]) => {
      for (const value of [NaN, Infinity]) {
        const model = changed(baseModel(), WEIGHTS.model, tensor, set(index, value));
        const run = async (): Promise<void> => {
          await open(model, baseSae());
          await jobsOf(engine).analyze(TEXT, { mask: "all" });
        };
        await expect(run()).rejects.toMatchObject(refused({ tensor, folder: "model", at }));
      }
    });

    it("and what is sound opens as before", async () => {
      await open(baseModel(), baseSae());
      const { metrics } = await jobsOf(engine).verify(TEXT, { mask: "all" });
      expect(metrics.l0).toBe(42.5625);
      expect(metrics.ceClean).toBeCloseTo(9.9146, 4);
      expect(metrics.ceSae).toBeCloseTo(9.8235, 4);
    });
  });

  describe(`${name}: sound weights whose sums overflow`, () => {
    it("in the model: no figure of the text is known", async () => {
      const down = "model.layers.0.mlp.down_proj.weight";
      await open(
        changed(baseModel(), WEIGHTS.model, down, (values) => values.fill(HUGE)),
        baseSae(),
      );
      const analysis = await jobsOf(engine).analyze(TEXT, { mask: "all" });
      expect(analysis.l0).toEqual({ mean: null, median: null, max: null });
      for (const token of analysis.tokens) {
        expect(token.features).toEqual([]);
        expect([token.l0, token.norm, token.squaredError].filter(Number.isFinite)).toEqual([]);
      }
      const { metrics, perToken } = await jobsOf(engine).verify(TEXT, { mask: "all" });
      expect(new Set(Object.values(metrics))).toEqual(new Set([null]));
      for (const entry of perToken ?? [])
        expect(Object.values(entry).filter(Number.isFinite)).toEqual([]);

      const how = { mask: "all", controls: 2, seed: 1, position: null } as const;
      const edits = [{ feature: 3, mode: "steer", value: 1, positions: "all" }] as const;
      const report = await jobsOf(engine).intervene(TEXT, edits, how);
      expect(report.residualNorm).toBeNaN();
      expect([...report.kl, ...report.deltaCe].filter(Number.isFinite)).toEqual([]);
      expect(report.before).toMatchObject({ nextTokens: [], ce: null });
      expect(report.after).toMatchObject({ nextTokens: [], ce: null });
      expect(report.controls).toMatchObject({ effect: null, mean: null, sd: null, z: null });
      expect(report.controls?.samples).toEqual([NaN, NaN]);

      const drawn = { edits: [], maxTokens: 3, temperature: 0, topP: 1, seed: 1 };
      await expect(jobsOf(engine).generate(TEXT, drawn)).rejects.toMatchObject({
        code: "Unsupported",
      });
      const attributed = jobsOf(engine).attribute(TEXT, { position: null, target: null });
      await expect(attributed).rejects.toMatchObject({ code: "Unsupported" });
    });

    it("in the decoder: what does not rest on x̂ stays", async () => {
      await open(
        baseModel(),
        changed(baseSae(), WEIGHTS.sae, "W_dec", (values) => values.fill(HUGE)),
      );
      const { metrics } = await jobsOf(engine).verify(TEXT, { mask: "all" });
      const known = { l0: 42.5625, ceZero: Math.log(4096) };
      const { ceClean, klZero, ...rest } = metrics;
      expect(ceClean).toBeCloseTo(9.9146, 4);
      expect(klZero).toBeGreaterThan(0);
      const none = Object.fromEntries(Object.keys(rest).map((metric) => [metric, null]));
      expect(rest).toEqual({ ...none, ...known } satisfies Partial<Metrics>);
    });

    it("in the encoder: of the tokens where they do, nothing is listed", async () => {
      // Pre-activations of feature 5 are ±∞ or, where both come together, NaN.
      const sae = changed(baseSae(), WEIGHTS.sae, "W_enc", (values) => {
        for (let j = 0; j < 64; j++) values[j * 128 + 5] = HUGE;
      });
      await open(baseModel(), sae);
      const { tokens, l0 } = await jobsOf(engine).analyze(TEXT, { mask: "all" });
      const unknown = tokens.filter((token) => Number.isNaN(token.l0));
      expect(unknown.length).toBeGreaterThan(0);
      for (const token of tokens) {
        expect(Number.isNaN(token.l0)).toBe(!Number.isFinite(token.squaredError));
        if (Number.isNaN(token.l0)) expect(token.features).toEqual([]);
      }
      expect(l0.mean).toBeNull();
      const { metrics } = await jobsOf(engine).verify(TEXT, { mask: "all" });
      for (const metric of [
        "l0",
        "mse",
        "cosine",
        "l2Ratio",
        "explainedVariance",
        "ceSae",
      ] as const)
        expect(metrics[metric], metric).toBeNull();
    });
  });
}
