// What is asked of all features at once, held against float64 products of the files' own numbers. Once for each backend.

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../src/backend/backend.ts";
import type { Engine } from "../../src/session/engine.ts";
import { jobsOf } from "./jobs.ts";
import { openTensors } from "../../src/formats/shards.ts";
import type { BackendName } from "../../src/lib/report.ts";
import { engineOn } from "./engineSuite.ts";
import { nodeTree, repository } from "./nodeFiles.ts";
import { floats } from "./tinyModels.ts";

const SAE = "blocks.3.hook_resid_post_fast_lr";
const D = 128;
/** Logits are sums of 128 products of float32: far more than their rounding. */
const LOGIT_TOLERANCE = 1e-4;
const COSINE_TOLERANCE = 1e-5;

/** W_dec, E and the final norm's weight as the files have them. */
async function weights() {
  const sae = await openTensors(nodeTree(`public/demo/sae/${SAE}`), "sae_weights.safetensors");
  const model = await openTensors(nodeTree("public/demo/model"), "model.safetensors");
  return {
    W_dec: await floats(sae, "W_dec"),
    E: await floats(model, "model.embed_tokens.weight"),
    w: await floats(model, "model.norm.weight"),
  };
}

/** Σ a[i]·b[i]·(1 + w[i]) over the rows that begin there. */
function dot(a: Float32Array, fromA: number, b: Float32Array, fromB: number, w?: Float32Array) {
  let sum = 0;
  for (let i = 0; i < D; i++) {
    sum += (a[fromA + i] ?? NaN) * (b[fromB + i] ?? NaN) * (1 + (w?.[i] ?? 0));
  }
  return sum;
}

export function describeExploring(name: BackendName, start: () => Promise<Backend>): void {
  describe(`${name}: all features at once`, () => {
    let engine: Engine;
    let files: Awaited<ReturnType<typeof weights>>;
    let norms: number[];
    beforeAll(async () => {
      engine = engineOn(name, start);
      files = await weights();
      const { W_dec } = files;
      norms = Array.from({ length: W_dec.length / D }, (_, i) =>
        Math.sqrt(dot(W_dec, i * D, W_dec, i * D)),
      );
      await engine.open({ model: "demo", sae: SAE });
    });

    it("says what each feature adds to a token's logit, with the final norm's weight and without", async () => {
      const tokens = await jobsOf(engine).vocabularyTokens(" king");
      expect(tokens.map(({ token }) => token)).toEqual(["▁king"]);
      const { vocab } = JSON.parse(
        readFileSync(repository("public/demo/model/tokenizer.json"), "utf8"),
      ).model as { vocab: Record<string, number> };
      const id = tokens[0]?.id ?? NaN;
      expect(id).toBe(vocab["▁king"]);
      // The first and the last id stand for both ends of E.
      for (const one of [id, 0, files.E.length / D - 1]) {
        const found = await jobsOf(engine).tokenLogits(one);
        expect(found.withoutNorm.length).toBe(norms.length);
        let worst = 0;
        norms.forEach((norm, i) => {
          const plain = dot(files.W_dec, i * D, files.E, one * D) / norm;
          const normed = dot(files.W_dec, i * D, files.E, one * D, files.w) / norm;
          worst = Math.max(
            worst,
            Math.abs((found.withoutNorm[i] ?? NaN) - plain),
            Math.abs((found.withNorm[i] ?? NaN) - normed) / (1 + Math.abs(normed)),
          );
        });
        expect(worst, `token ${one}`).toBeLessThan(LOGIT_TOLERANCE);
      }
    });

    it("agrees with the logit lens of the feature that adds most to a token's logit", async () => {
      const [king] = await jobsOf(engine).vocabularyTokens(" king");
      const { withoutNorm, withNorm } = await jobsOf(engine).tokenLogits(king?.id ?? NaN);
      const best = withoutNorm.indexOf(Math.max(...withoutNorm));
      const { logitLens } = await jobsOf(engine).feature(best);
      const entry = logitLens?.withoutNorm.top.find(({ id }) => id === king?.id);
      expect(entry?.value).toBeCloseTo(withoutNorm[best] ?? NaN, 3);
      expect(withNorm[best]).toBeGreaterThan(0);
    });

    it("refuses an id that is no token", async () => {
      for (const id of [-1, 0.5, 4096, NaN]) {
        await expect(jobsOf(engine).tokenLogits(id)).rejects.toMatchObject({ code: "NoSuchToken" });
      }
    });

    it("finds the nearest decoder rows of every feature", async () => {
      const { k, index, cosine } = await jobsOf(engine).nearest(5);
      expect(k).toBe(5);
      expect(index.length).toBe(norms.length * k);
      const cosineOf = (a: number, b: number): number =>
        dot(files.W_dec, a * D, files.W_dec, b * D) / ((norms[a] ?? NaN) * (norms[b] ?? NaN));
      // Both sides of a tile's edge, and the ends.
      for (const feature of [0, 1, 63, 64, 65, 1000, norms.length - 1]) {
        const all = norms
          .map((_, other) => (other === feature ? -2 : cosineOf(feature, other)))
          .toSorted((a, b) => b - a);
        for (let n = 0; n < k; n++) {
          const other = index[feature * k + n] ?? NaN;
          const found = cosine[feature * k + n] ?? NaN;
          expect(other).not.toBe(feature);
          expect(Math.abs(found - (all[n] ?? NaN))).toBeLessThan(COSINE_TOLERANCE);
          expect(Math.abs(found - cosineOf(feature, other))).toBeLessThan(COSINE_TOLERANCE);
        }
      }
    });

    it("lets other calls run between its tiles, and stops when another SAE is opened", async () => {
      const nearest = jobsOf(engine)
        .nearest(1)
        .catch((error: unknown) => error);
      await jobsOf(engine).analyze("the king", { mask: "all" });
      await engine.open({ model: "demo", sae: "blocks.0.hook_resid_post" });
      expect(await nearest).toMatchObject({ code: "Cancelled" });
      await engine.open({ model: "demo", sae: SAE });
      const controller = new AbortController();
      const stopped = jobsOf(engine).nearest(1, { signal: controller.signal });
      controller.abort();
      await expect(stopped).rejects.toMatchObject({ code: "Cancelled" });
    });
  });
}
