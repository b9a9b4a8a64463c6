// The self-check's logic, on the bundled model with facts made for it from its goldens.

import { describe, expect, it } from "vitest";
import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import { bundledLibrary } from "../../../src/session/library/bundledLibrary.ts";
import { Engine } from "../../../src/session/engine.ts";
import { jobsOf } from "../../support/jobs.ts";
import type { Facts } from "../../../src/session/library/facts.ts";
import { demoGoldens } from "../../support/engineSuite.ts";
import { demoBundle, TFJS_WASM } from "../../support/nodeFiles.ts";

const SAE = "blocks.3.hook_resid_post_fast_lr";
const golden = demoGoldens().find(({ sae, activation }) => sae === SAE && activation === "erf");
if (!golden) throw new Error("No golden to make facts of");
const { text, report } = golden;

/** True of the bundled model: what its golden says with erf and BOS left out. */
const FACTS: Facts = {
  tokens: { text, ids: report.tokens.map(({ id }) => id), source: "golden" },
  activations: {
    activation: "erf",
    tolerance: 0.02,
    source: "golden",
    perToken: report.tokens
      .slice(0, 3)
      .map(({ features }) => features.toSorted((a, b) => b.raw - a.raw).slice(0, 3)),
  },
  passage: {
    text,
    l0: { value: report.metrics.l0 ?? NaN, tolerance: 0.5, source: "golden" },
    explainedVarianceLegacy: {
      value: report.metrics.explainedVarianceLegacy ?? NaN,
      tolerance: 0.01,
      source: "golden",
    },
    norm: {
      value:
        report.tokens.slice(1).reduce((sum, { norm }) => sum + norm, 0) /
        (report.tokens.length - 1),
      tolerance: 0.1,
      source: "golden",
    },
  },
  card: {
    ceClean: 2,
    ceSae: 3,
    ceScore: { value: 0.84171, tolerance: 1e-4, source: "worked out by hand" },
  },
};

async function check(facts: Facts | null) {
  const library = bundledLibrary(async () => demoBundle());
  const engine = new Engine({
    library: {
      ...library,
      sae: async (request, options) => ({ ...(await library.sae(request, options)), facts }),
    },
    backends: {
      options: async () => [{ name: "tfjs-wasm", available: true, note: null }],
      start: () => createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM }),
    },
    onNotice: () => undefined,
  });
  const card = await engine.open({ model: "demo", sae: SAE, activation: "erf" });
  return { card, run: () => jobsOf(engine).selfCheck() };
}

describe("the self-check", () => {
  it("agrees with facts that hold", async () => {
    const { card, run } = await check(FACTS);
    expect(card.hasSelfCheck).toBe(true);
    const { rows } = await run();
    expect(rows.filter(({ ok }) => !ok)).toEqual([]);
    expect(rows.map(({ name }) => name)).toHaveLength(1 + 3 + 3 + 4 + 1);
    expect(rows[0]).toMatchObject({ measured: FACTS.tokens.ids.join(", "), tolerance: "exact" });
  });

  it("says no, row by row, to facts that do not", async () => {
    const off = <T extends { value: number }>(fact: T): T => ({ ...fact, value: fact.value * 1.5 });
    const { run } = await check({
      tokens: { ...FACTS.tokens, ids: [2, 3, 4] },
      activations: {
        ...FACTS.activations,
        perToken: FACTS.activations.perToken.map((token) =>
          token.map(({ index, raw }, i) => (i === 2 ? { index, raw: raw * 1.03 } : { index, raw })),
        ),
      },
      passage: {
        text,
        l0: off(FACTS.passage.l0),
        explainedVarianceLegacy: off(FACTS.passage.explainedVarianceLegacy),
        norm: off(FACTS.passage.norm),
      },
      card: { ...FACTS.card, ceScore: off(FACTS.card.ceScore) },
    });
    const { rows } = await run();
    // ceZero is ln V by the model's own shape, whatever was published.
    expect(rows.filter(({ ok }) => ok).map(({ name }) => name)).toEqual([
      "Loss with the hook zeroed, nats",
    ]);
  });

  it("is not there for what nothing was published of", async () => {
    const { card, run } = await check(null);
    expect(card.hasSelfCheck).toBe(false);
    await expect(run()).rejects.toMatchObject({ code: "EntryNotFound" });
  });
});
