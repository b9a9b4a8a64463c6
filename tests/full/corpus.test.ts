// The whole bundled corpus against the card's numbers, every SAE in both masks: minutes, so only in `npm run test:full`.

import { describe, expect, it } from "vitest";
import { createTfjsBackend } from "../../src/backend/tfjs/createTfjsBackend.ts";
import { expectMetrics } from "../support/agree.ts";
import { demoCard, engineOn } from "../support/engineSuite.ts";
import { TFJS_WASM } from "../support/nodeFiles.ts";
import { jobsOf } from "../support/jobs.ts";

describe("the whole corpus on tfjs-wasm", () => {
  const engine = engineOn("tfjs-wasm", () =>
    createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM }),
  );
  it.each(demoCard().saes)("$id gives the card's numbers", async ({ id, corpus }) => {
    await engine.open({ model: "demo", sae: id });
    for (const mask of ["all", "nonspecial"] as const) {
      const { contexts: _contexts, tokens: _tokens, ...metrics } = corpus[mask];
      const found = await jobsOf(engine).verifyCorpus({ mask });
      expect(found.tokens).toBe(corpus.all["tokens"]);
      expect(found.published).toHaveLength(Object.keys(metrics).length);
      expectMetrics(found.metrics, metrics, `${id} ${mask}`);
    }
  });
});
