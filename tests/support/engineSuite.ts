// What every backend must compute: the tiny models, the SAEs of every kind, and the bundled model's reports,
// held against the fp32 reference. Called once for each backend.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  LOGIT_STATS,
  LOGIT_STATS_COLUMNS,
  type Backend,
  type Weight,
} from "../../src/backend/backend.ts";
import { bundledLibrary } from "../../src/session/library/bundledLibrary.ts";
import { Engine } from "../../src/session/engine.ts";
import { jobsOf } from "./jobs.ts";
import type { BackendName, GeluKind, Mask, Metrics } from "../../src/lib/report.ts";
import { embed, finalNorm, type Gemma, runBlocks } from "../../src/model/forward.ts";
import { expectMetrics, expectRows, expectTokens, type GoldenToken, within } from "./agree.ts";
import { readText } from "./files.ts";
import { demoBundle } from "./nodeFiles.ts";
import {
  floats,
  modelGolden,
  openSaeGolden,
  openTiny,
  SAE_KINDS,
  TINY_MODELS,
} from "./tinyModels.ts";

interface DemoGolden {
  sae: string;
  text: string;
  activation: GeluKind;
  mask: Mask;
  report: {
    tokens: GoldenToken[];
    metrics: Metrics;
    perToken: { ceClean: number; ceSae: number; kl: number }[];
  };
}

export const demoGoldens = (): DemoGolden[] =>
  JSON.parse(readText("tests/fixtures/demo/goldens.json")) as DemoGolden[];

interface Card {
  saes: {
    id: string;
    sample: Record<Mask, Record<string, number>>;
    corpus: Record<Mask, Record<string, number>>;
  }[];
}
export const demoCard = (): Card => JSON.parse(readText("public/demo/card.json")) as Card;

/** An engine over the bundled files, on one backend. */
export function engineOn(name: BackendName, start: () => Promise<Backend>): Engine {
  return new Engine({
    library: bundledLibrary(async () => demoBundle()),
    backends: {
      options: async () => [{ name, available: true, note: null }],
      start: async () => start(),
    },
    onNotice: (text) => {
      throw new Error(`Unexpected notice: ${text}`);
    },
  });
}

export function describeTinyGoldens(name: BackendName, start: () => Promise<Backend>): void {
  let backend: Backend;
  beforeAll(async () => {
    backend = await start();
  });
  afterAll(() => backend.dispose());

  describe.each(TINY_MODELS)(`${name}: %s`, (model) => {
    it.each(["tanh", "erf"] as const)(
      "computes residuals, logits and CE with %s",
      async (activation) => {
        const gemma = await openTiny(backend, model, activation);
        const { cases, tensors } = await modelGolden(model, activation);
        const { dModel, layers, vocab } = gemma.config;
        // All cases at once: contexts of one batch must not see each other.
        const ids = Uint32Array.from(cases.flatMap((one) => one.ids));
        const contexts = cases.map((one) => one.ids.length);
        let x = await embed(gemma, { ids, contexts }, {});
        for (let layer = 0; layer < layers; layer++) {
          const next = await runBlocks(gemma, x, contexts, layer, layer + 1, {});
          x.dispose();
          x = next;
          const wanted = await joined(
            cases.map((_, i) => floats(tensors, `case${i}.resid_post_${layer}`)),
          );
          expectRows(await backend.read(x), wanted, dModel, `resid_post_${layer}`);
        }
        const normed = await finalNorm(gemma, x, {});
        const E = await wholeUnembedding(gemma);
        const logits = backend.linear(normed, E);
        const wantedLogits = await joined(cases.map((_, i) => floats(tensors, `case${i}.logits`)));
        expectRows(await backend.read(logits), wantedLogits, vocab, "logits");
        const targets = Uint32Array.from(cases.flatMap((one) => [...one.ids.slice(1), 0]));
        const stats = await backend.read(backend.logitStats(normed, E, targets));
        let row = 0;
        for (const { ids: context, ce } of cases) {
          context.forEach((_, t) => {
            const at = (row + t) * LOGIT_STATS_COLUMNS;
            const found =
              (stats[at + LOGIT_STATS.lseA] ?? NaN) - (stats[at + LOGIT_STATS.targetA] ?? NaN);
            const wanted = ce[t];
            if (wanted !== undefined)
              expect(within(found, wanted, 0, 1e-4), `ce ${found}, wanted ${wanted}`).toBe(true);
          });
          row += context.length;
        }
        gemma.weights.dispose();
      },
    );
  });

  describe(`${name}: SAEs`, () => {
    it.each(SAE_KINDS)("%s encodes and decodes", async (kind) => {
      const { sae, x, f, xHat } = await openSaeGolden(backend, kind);
      const { dIn, dSae } = sae.config;
      const encoded = await sae.encode(backend.tensor(x, x.length / dIn, dIn));
      const rows = await backend.readFeatures(encoded.features);
      const dense = new Float32Array(f.length);
      for (let t = 0; t + 1 < rows.rowStart.length; t++) {
        for (let i = rows.rowStart[t] ?? 0; i < (rows.rowStart[t + 1] ?? 0); i++) {
          dense[t * dSae + (rows.index[i] ?? 0)] = rows.value[i] ?? NaN;
        }
      }
      f.forEach((wanted, i) => {
        const found = dense[i] ?? NaN;
        expect(within(found, wanted, 1e-3, 1e-3), `f[${i}] ${found}, wanted ${wanted}`).toBe(true);
      });
      expectRows(await backend.read(sae.decode(encoded)), xHat, dIn, "x_hat");
      sae.dispose();
    });
  });
}

async function wholeUnembedding(gemma: Gemma): Promise<Weight> {
  for await (const { E } of gemma.weights.unembedding({})) return E;
  throw new Error("The model has no unembedding.");
}

async function joined(parts: Promise<Float32Array>[]): Promise<Float32Array> {
  return Float32Array.from((await Promise.all(parts)).flatMap((part) => [...part]));
}

/** @param which of the bundled model's 40 goldens to run. */
export function describeDemoGoldens(
  name: BackendName,
  start: () => Promise<Backend>,
  which: (golden: DemoGolden) => boolean = () => true,
): void {
  const goldens = demoGoldens().filter(which);
  const saes = [...new Set(goldens.map(({ sae }) => sae))];
  describe.each(saes)(`${name}: bundled model, %s`, (sae) => {
    const engine = engineOn(name, start);
    it.each(["tanh", "erf"] as const)(
      "reproduces analyses and verifications with %s",
      async (activation) => {
        await engine.open({ model: "demo", sae, activation });
        for (const golden of goldens.filter(
          (one) => one.sae === sae && one.activation === activation,
        )) {
          const { text, mask, report } = golden;
          const label = `${sae} ${activation} ${JSON.stringify(text.slice(0, 20))}`;
          const analysis = await jobsOf(engine).analyze(text, { mask });
          expectTokens(analysis.tokens, report.tokens, sae.endsWith("topk"), label);
          const verification = await jobsOf(engine).verify(text, { mask });
          expectMetrics(verification.metrics, report.metrics, label);
          expect(verification.perToken?.length, label).toBe(report.perToken.length);
          report.perToken.forEach((wanted, t) => {
            const found = verification.perToken?.[t];
            const at = `${label}, position ${t}`;
            expect(
              within(found?.ceClean ?? NaN, wanted.ceClean, 0, 1e-4),
              `${at}: ceClean ${found?.ceClean} ${wanted.ceClean}`,
            ).toBe(true);
            expect(
              within(found?.ceSae ?? NaN, wanted.ceSae, 0, 1e-4),
              `${at}: ceSae ${found?.ceSae} ${wanted.ceSae}`,
            ).toBe(true);
            expect(
              within(found?.kl ?? NaN, wanted.kl, 2e-3, 2e-3),
              `${at}: kl ${found?.kl} ${wanted.kl}`,
            ).toBe(true);
          });
        }
      },
    );
  });
}

/** The numbers published for the first four documents, in both masks. */
export function describeCardSample(name: BackendName, start: () => Promise<Backend>): void {
  describe(`${name}: the card's sample`, () => {
    const engine = engineOn(name, start);
    it.each(demoCard().saes)("$id over the first four documents", async ({ id, sample }) => {
      await engine.open({ model: "demo", sae: id });
      for (const mask of ["all", "nonspecial"] as const) {
        const { contexts: _contexts, tokens: _tokens, ...metrics } = sample[mask];
        const found = await jobsOf(engine).verifyCorpus({ documents: 4, mask });
        expect(found.tokens).toBe(sample.all["tokens"]);
        expectMetrics(found.metrics, metrics, `${id} ${mask}`);
      }
    });
  });
}
