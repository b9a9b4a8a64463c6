// Features whose decoder row is all zeros (pruned, or dead): they fire and count, and have no direction. Right values by
// PyTorch in float32.

import { jobsOf } from "../../support/jobs.ts";
import { beforeAll, describe, expect, it } from "vitest";
import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import type { Edit } from "../../../src/lib/edits.ts";
import {
  baseModel,
  baseSae,
  changed,
  configured,
  engineOnFolders,
  WEIGHTS,
} from "../../support/folders.ts";
import { TFJS_WASM } from "../../support/nodeFiles.ts";

const TEXT = "The senator from Ohio said: “No!”";
const ZERO = [3, 40, 127];
const [D, D_SAE] = [64, 128];

const { engine, add } = engineOnFolders("tfjs-wasm", () =>
  createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM }),
);
const zeroed = changed(baseSae(), WEIGHTS.sae, "W_dec", (values) => {
  for (const feature of ZERO) values.fill(0, feature * D, (feature + 1) * D);
});
/** They fire on every token. */
const firing = changed(zeroed, WEIGHTS.sae, "b_enc", (values) => {
  for (const feature of ZERO) values[feature] = 2;
});

describe("features without a direction", () => {
  let model = "";
  beforeAll(async () => {
    model = add("model", baseModel());
    await engine.open({ model, sae: add("sae", firing) });
  });

  it("fire and count, with a folded strength of 0", async () => {
    const { metrics } = await jobsOf(engine).verify(TEXT, { mask: "all" });
    expect(metrics.l0).toBe(44.125);
    expect(metrics.mse).toBeCloseTo(1514.337, 2);
    expect(metrics.explainedVariance).toBeCloseTo(-2.92514, 4);
    const { tokens } = await jobsOf(engine).analyze(TEXT, { mask: "all" });
    const found = tokens.flatMap(({ features }) => features.filter(({ index }) => index === 3));
    expect(found.length).toBeGreaterThan(0);
    for (const { raw, folded } of found) {
      expect(raw).toBeGreaterThan(0);
      expect(folded).toBe(0);
    }
  });

  it("have no lens and no neighbours, and are nobody's", async () => {
    for (const feature of ZERO) {
      const report = await jobsOf(engine).feature(feature);
      expect(report).toMatchObject({ decoderNorm: 0, logitLens: null, neighbours: [] });
    }
    const other = await jobsOf(engine).feature(4);
    expect(other.logitLens).not.toBeNull();
    expect(other.neighbours).toHaveLength(10);
    expect(other.neighbours.filter(({ index }) => ZERO.includes(index))).toEqual([]);
  });

  it("add to no token's logit: not even 0", async () => {
    const { withNorm, withoutNorm } = await jobsOf(engine).tokenLogits(100);
    for (const values of [withNorm, withoutNorm]) {
      const none = [...values.keys()].filter((i) => Number.isNaN(values[i]));
      expect(none).toEqual(ZERO);
    }
  });

  it("have no nearest rows, and are nobody's", async () => {
    const { k, index, cosine } = await jobsOf(engine).nearest(D_SAE - 1);
    for (let feature = 0; feature < D_SAE; feature++) {
      const others = [...index.subarray(feature * k, (feature + 1) * k)];
      const known = [...cosine.subarray(feature * k, (feature + 1) * k)];
      const real = ZERO.includes(feature) ? 0 : D_SAE - 1 - ZERO.length;
      expect(known.map(Number.isFinite)).toEqual(known.map((_, i) => i < real));
      expect(others.slice(real)).toEqual(others.slice(real).map(() => feature));
      expect(others.slice(0, real).filter((other) => ZERO.includes(other))).toEqual([]);
    }
  });

  it("match nothing in another SAE, and nothing matches them", async () => {
    const { matches } = await jobsOf(engine).compare({ model, sae: add("other", firing) }, TEXT, {
      mask: "all",
      loss: false,
    });
    for (const found of matches) {
      for (const { feature, match, cosine } of found) {
        if (ZERO.includes(feature)) {
          expect([match, cosine]).toEqual([null, null]);
        } else {
          expect(match).toBe(feature);
          expect(cosine).toBeCloseTo(1, 5);
        }
      }
    }
    expect(matches[0].map(({ feature }) => feature)).toContain(3);
  });

  it("move nothing where they are edited, and cannot be steered by", async () => {
    const how = { mask: "all", controls: 2, seed: 1, position: null } as const;
    const edit = (mode: Edit["mode"]): Edit[] => [
      { feature: 3, mode, positions: "all", ...(mode === "ablate" ? {} : { value: 4 }) },
    ];
    for (const mode of ["ablate", "clamp", "scale"] as const) {
      const report = await jobsOf(engine).intervene(TEXT, edit(mode), how);
      expect(report.kl.every((kl) => kl === 0)).toBe(true);
      expect(report.controls).toMatchObject({ effect: 0, mean: 0, sd: 0, z: null });
    }
    await expect(jobsOf(engine).intervene(TEXT, edit("steer"), how)).rejects.toMatchObject({
      code: "Unsupported",
      message: expect.stringContaining("feature 3") as string,
    });
  });

  it("are off where activations carry the decoder norm, and x̂ stays finite", async () => {
    const rescaled = configured(firing, {
      architecture: "topk",
      k: 9,
      rescale_acts_by_decoder_norm: true,
    });
    await engine.open({ model, sae: add("rescaled", rescaled) });
    const { tokens } = await jobsOf(engine).analyze(TEXT, { mask: "all" });
    for (const { l0, squaredError, features } of tokens) {
      expect(l0).toBe(9);
      expect(squaredError).toBeGreaterThan(0);
      expect(features.filter(({ index }) => ZERO.includes(index))).toEqual([]);
    }
  });
});
