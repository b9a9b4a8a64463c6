// Two SAEs, or two settings, on one text: each side's numbers are those it has alone, matches are those of a float64
// search over all decoder rows, and nothing is left on the device.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Backend } from "../../../src/backend/backend.ts";
import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import { bundledLibrary } from "../../../src/session/library/bundledLibrary.ts";
import { Engine } from "../../../src/session/engine.ts";
import { jobsOf } from "../../support/jobs.ts";
import { MATCHED_FEATURES } from "../../../src/lib/report.ts";
import { demoBundle, repository, TFJS_WASM } from "../../support/nodeFiles.ts";

const TEXT = "The whale rose beneath the ship.";
const HOW = { mask: "nonspecial", loss: true } as const;
const FAST = { model: "demo", sae: "blocks.3.hook_resid_post_fast_lr" } as const;
const TOPK = { model: "demo", sae: "blocks.3.hook_resid_post_topk" } as const;
const LATE = { model: "demo", sae: "blocks.5.hook_resid_post" } as const;

async function setUp(): Promise<{ engine: Engine; backend: Backend }> {
  const backend = await createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM });
  const engine = new Engine({
    library: bundledLibrary(async () => demoBundle()),
    backends: {
      options: async () => [{ name: "tfjs-wasm", available: true, note: null }],
      start: async () => backend,
    },
    onNotice: () => undefined,
  });
  await engine.open(FAST);
  return { engine, backend };
}

/** W_dec [d_sae, d_in] of a bundled SAE, from its file. */
function decoder(sae: string): { rows: Float64Array[] } {
  const bytes = readFileSync(repository(`public/demo/sae/${sae}/sae_weights.safetensors`));
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + length)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const tensor = header["W_dec"];
  if (tensor?.dtype !== "F32") throw new Error("W_dec is not F32");
  const [dSae = 0, dIn = 0] = tensor.shape;
  const at = 8 + length + tensor.data_offsets[0];
  const rows = Array.from({ length: dSae }, (_, i) =>
    Float64Array.from({ length: dIn }, (_value, j) => bytes.readFloatLE(at + 4 * (i * dIn + j))),
  );
  return { rows };
}

const dot = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, value, j) => sum + value * (b[j] ?? 0), 0);
const cosine = (a: Float64Array, b: Float64Array): number =>
  dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));

describe("comparing", () => {
  it("gives each side what it has alone", async () => {
    const { engine } = await setUp();
    const { sides, bytesBeside } = await jobsOf(engine).compare(TOPK, TEXT, HOW);
    const [a, b] = sides;
    expect(a.analysis).toEqual(await jobsOf(engine).analyze(TEXT, HOW));
    expect(a.verification).toEqual(await jobsOf(engine).verify(TEXT, HOW));
    expect(bytesBeside).toBeGreaterThan(0);
    await engine.open(TOPK);
    expect(b.analysis).toEqual(await jobsOf(engine).analyze(TEXT, HOW));
    expect(b.verification).toEqual(await jobsOf(engine).verify(TEXT, HOW));
  });

  it("matches features by the cosine of decoder rows, as float64 has it", async () => {
    const { engine } = await setUp();
    const { sides, matches } = await jobsOf(engine).compare(LATE, TEXT, { ...HOW, loss: false });
    expect(sides[1].verification).toBeNull();
    const decoders = [decoder(FAST.sae), decoder(LATE.sae)];
    for (const [side, found] of matches.entries()) {
      expect(found.length).toBeGreaterThan(20);
      expect(found.length).toBeLessThanOrEqual(MATCHED_FEATURES);
      const own = decoders[side]?.rows ?? [];
      const other = decoders[1 - side]?.rows ?? [];
      for (const match of found.slice(0, 20)) {
        const row = own[match.feature] ?? new Float64Array();
        const best = Math.max(...other.map((candidate) => cosine(row, candidate)));
        expect(match.cosine).toBeCloseTo(best, 4);
        expect(cosine(row, other[match.match ?? -1] ?? new Float64Array())).toBeCloseTo(best, 4);
      }
    }
    const strongest = matches[0][0]?.feature;
    const fires = sides[0].analysis.tokens.some(({ features }) =>
      features.some(({ index }) => index === strongest),
    );
    expect(fires).toBe(true);
  });

  it("compares one SAE under two settings, where every feature matches itself", async () => {
    const { engine } = await setUp();
    for (const setting of [{ activation: "erf" }, { precision: "int4" }] as const) {
      const { sides, matches } = await jobsOf(engine).compare({ ...FAST, ...setting }, TEXT, HOW);
      expect(matches[0].every(({ feature, match }) => feature === match)).toBe(true);
      expect(matches[0][0]?.cosine).toBeCloseTo(1, 5);
      expect(sides[1].analysis.model).toMatchObject(setting);
      expect(sides[0].analysis.tokens).not.toEqual(sides[1].analysis.tokens);
    }
  });

  it("keeps the other open for the next text, and frees it with what is open", async () => {
    const { engine, backend } = await setUp();
    // What a first use of the open SAE makes stays with it: the loss, and cosines with its decoder.
    await jobsOf(engine).verify(TEXT, HOW);
    await jobsOf(engine).feature(0);
    const alone = backend.memory();
    await jobsOf(engine).compare(TOPK, TEXT, HOW);
    const both = backend.memory();
    expect(both).toBeGreaterThan(alone);
    await jobsOf(engine).compare(TOPK, TEXT, { ...HOW, mask: "all" });
    expect(backend.memory()).toBe(both);
    await jobsOf(engine).compare({ ...FAST, activation: "erf" }, TEXT, HOW);
    expect(backend.memory()).toBe(alone);
    await jobsOf(engine).compare(TOPK, TEXT, HOW);
    await engine.open(FAST);
    expect(backend.memory()).toBe(alone);
  });

  it("loses nothing where the other cannot be opened, or is stopped", async () => {
    const { engine, backend } = await setUp();
    const alone = backend.memory();
    await expect(jobsOf(engine).compare({ ...FAST, sae: "none" }, TEXT, HOW)).rejects.toMatchObject(
      {
        code: "RepoNotFound",
      },
    );
    const controller = new AbortController();
    const stopped = jobsOf(engine).compare(LATE, TEXT, HOW, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ code: "Cancelled" });
    expect(backend.memory()).toBe(alone);
    await jobsOf(engine).analyze(TEXT, HOW);
  });
});
