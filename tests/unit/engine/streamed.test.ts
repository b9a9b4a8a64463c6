// Streamed weights: two blocks at a time and the unembedding in tiles give the numbers that resident weights give.

import { describe, expect, it } from "vitest";
import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import { parseSaeConfig } from "../../../src/formats/saeConfig.ts";
import { openTensors } from "../../../src/formats/shards.ts";
import { openSae } from "../../../src/sae/open.ts";
import { readFileSync } from "node:fs";
import { jobsOn } from "../../support/jobs.ts";
import type { Session } from "../../../src/session/session.ts";
import { verifyText } from "../../../src/jobs/verify.ts";
import type { Keeping } from "../../../src/model/weights.ts";
import { nodeTree, repository, TFJS_WASM } from "../../support/nodeFiles.ts";
import { openTiny } from "../../support/tinyModels.ts";

const MODEL = "tiny-mqa-bf16-sharded";
const SAE = "tests/fixtures/goldens/sae/jumprelu";
const IDS = [2, 181, 163, 44, 31, 183, 299, 0];

async function session(keeping: Keeping): Promise<Session> {
  const backend = await createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM });
  const gemma = await openTiny(backend, MODEL, "tanh", keeping);
  const config = parseSaeConfig(readFileSync(repository(`${SAE}/cfg.json`)));
  const sae = await openSae(
    backend,
    config,
    await openTensors(nodeTree(SAE), "sae_weights.safetensors"),
    null,
    {},
  );
  return {
    backend,
    model: {
      source: { source: "test", name: MODEL, tree: nodeTree("."), presets: [], corpus: null },
      fileFormat: "bf16",
      gemma,
      tokenizer: null,
      notices: [],
    },
    sae: {
      source: {
        source: "test",
        folder: "",
        tree: nodeTree(SAE),
        files: [],
        published: [],
        normScalingFactor: null,
        labels: null,
        facts: null,
      },
      sae,
      logDensity: null,
      notices: [],
    },
  };
}

it("a block whose loading was stopped with another job is loaded for the next", async () => {
  const { weights } = (await session({})).model.gemma;
  const stop = new AbortController();
  weights.prefetch(0, { signal: stop.signal });
  const next = weights.block(0, {});
  const stopped = weights.block(0, { signal: stop.signal });
  stop.abort();
  await expect(stopped).rejects.toMatchObject({ code: "Cancelled" });
  expect((await next).q.rows).toBeGreaterThan(0);
});

describe("streamed weights", () => {
  it("give the same loss and lenses, and leave nothing behind", async () => {
    const resident = await session({});
    // 48 numbers a row: tiles of 7 rows, the last one shorter.
    const streamed = await session({ residency: "streamed", tileElements: 48 * 7 });
    const wanted = await verifyText(resident, IDS, "all", {});
    const found = await verifyText(streamed, IDS, "all", {});
    for (const [name, value] of Object.entries(wanted.metrics)) {
      expect(found.metrics[name as keyof typeof found.metrics], name).toBeCloseTo(value ?? NaN, 5);
    }
    found.perToken?.forEach((row, t) => {
      expect(row.ceClean).toBeCloseTo(wanted.perToken?.[t]?.ceClean ?? NaN, 5);
      expect(row.ceSae).toBeCloseTo(wanted.perToken?.[t]?.ceSae ?? NaN, 5);
    });
    const lens = await jobsOn(resident).feature(7);
    const streamedLens = await jobsOn(streamed).feature(7);
    expect(streamedLens.logitLens?.withNorm.top.map(({ id }) => id)).toEqual(
      lens.logitLens?.withNorm.top.map(({ id }) => id),
    );
    expect(streamedLens.neighbours.map(({ index }) => index)).toEqual(
      lens.neighbours.map(({ index }) => index),
    );
    const held = streamed.backend.memory();
    await verifyText(streamed, IDS, "all", {});
    await jobsOn(streamed).feature(8);
    expect(streamed.backend.memory()).toBe(held);
    expect(held).toBeLessThan(resident.backend.memory() / 2);
  });

  it("are freed when the job is cancelled", async () => {
    const { backend, model, ...rest } = await session({ residency: "streamed" });
    const one = { backend, model, ...rest };
    await verifyText(one, IDS, "all", {});
    const before = backend.memory();
    for (let i = 0; i < 6; i++) {
      const controller = new AbortController();
      const job = verifyText(one, IDS, "all", { signal: controller.signal });
      setTimeout(() => controller.abort(), i);
      await job.catch(() => undefined);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(backend.memory()).toBeLessThanOrEqual(before);
  });
});
