// What int8 and int4 must be on every backend: named in reports, nearly the file's numbers, freed when another precision
// is opened, and not dependent on what happens to stand on the device. Called once for each backend.

import { afterAll, describe, expect, it } from "vitest";
import type { Backend } from "../../src/backend/backend.ts";
import { bundledLibrary } from "../../src/session/library/bundledLibrary.ts";
import { Engine } from "../../src/session/engine.ts";
import { jobsOf } from "./jobs.ts";
import type { BackendName, MetricName, Metrics } from "../../src/lib/report.ts";
import { expectTokens } from "./agree.ts";
import { demoCard } from "./engineSuite.ts";
import { demoBundle } from "./nodeFiles.ts";

const SAE = "blocks.3.hook_resid_post_fast_lr";
const REQUEST = { model: "demo", sae: SAE } as const;
const TEXT = "The whale rose beneath the ship.";
const MASK = "nonspecial" as const;

/** How far from the file's numbers, measured over the four sample documents and rounded up by a half or more. */
const ALLOWED = {
  int8: { ceClean: 0.001, ceSae: 0.001, l0: 0.2, explainedVariance: 0.002 },
  int4: { ceClean: 0.05, ceSae: 0.05, l0: 3, explainedVariance: 0.015 },
} as const satisfies Record<string, Partial<Record<MetricName, number>>>;

/** @param corpus whether to run the sample documents too, which takes software WebGPU half a minute a precision. */
export function describePrecisions(
  name: BackendName,
  start: () => Promise<Backend>,
  { corpus }: { corpus: boolean },
): void {
  describe(`${name}: precision`, () => {
    const started: Backend[] = [];
    const makeEngine = (): Engine =>
      new Engine({
        library: bundledLibrary(async () => demoBundle()),
        backends: {
          options: async () => [{ name, available: true, note: null }],
          start: async () => {
            const backend = await start();
            started.push(backend);
            return backend;
          },
        },
        onNotice: (text) => {
          throw new Error(`Unexpected notice: ${text}`);
        },
      });
    afterAll(() => {
      for (const backend of started) backend.dispose();
    });

    it.runIf(corpus).each(["int8", "int4"] as const)(
      "%s stays near the file's numbers",
      async (precision) => {
        const engine = makeEngine();
        const { provenance } = await engine.open({ ...REQUEST, precision });
        expect(provenance.model.precision).toBe(precision);
        const found = await jobsOf(engine).verifyCorpus({ documents: 4, mask: MASK });
        expect(found.model.precision).toBe(precision);
        const sample = demoCard().saes.find(({ id }) => id === SAE)?.sample[MASK] ?? {};
        for (const [metric, allowed] of Object.entries(ALLOWED[precision])) {
          const [measured, wanted] = [found.metrics[metric as keyof Metrics], sample[metric]];
          const apart = Math.abs((measured ?? NaN) - (wanted ?? NaN));
          expect(apart, `${metric} ${measured}, in the file's format ${wanted}`).toBeLessThan(
            allowed,
          );
          expect(apart, `${metric}: nothing was quantised`).toBeGreaterThan(allowed / 1e4);
        }
      },
    );

    it.each(["int8", "int4"] as const)(
      "%s of a text does not depend on the embedding's place",
      async (precision) => {
        const engine = makeEngine();
        await engine.open({ ...REQUEST, precision });
        const fromFile = await jobsOf(engine).analyze(TEXT, { mask: MASK });
        await jobsOf(engine).verify(TEXT, { mask: MASK }); // puts the whole embedding on the device
        const fromDevice = await jobsOf(engine).analyze(TEXT, { mask: MASK });
        expectTokens(fromDevice.tokens, fromFile.tokens, false, precision);
      },
    );

    it("loads the model anew for another precision, and gives the memory back", async () => {
      const engine = makeEngine();
      const before = started.length;
      const first = await engine.open(REQUEST);
      const own = await jobsOf(engine).analyze(TEXT, { mask: MASK });
      await engine.open({ ...REQUEST, precision: "int4" });
      const other = await jobsOf(engine).analyze(TEXT, { mask: MASK });
      expect(other.model.precision).toBe("int4");
      expect(other.tokens.map(({ norm }) => norm)).not.toEqual(own.tokens.map(({ norm }) => norm));
      const named = await engine.open({ ...REQUEST, precision: "bf16" });
      const again = await jobsOf(engine).analyze(TEXT, { mask: MASK });
      expect(named.provenance).toEqual(first.provenance);
      expect(again.tokens).toEqual(own.tokens);
      // Released scratch is kept for use; from the second time on there is no more of it.
      const held = started.at(-1)?.memory();
      await engine.open({ ...REQUEST, precision: "int4" });
      await jobsOf(engine).analyze(TEXT, { mask: MASK });
      await engine.open(REQUEST);
      await jobsOf(engine).analyze(TEXT, { mask: MASK });
      expect(started.at(-1)?.memory()).toBe(held);
      expect(started).toHaveLength(before + 1);
    });

    it("widens to f32 exactly", async () => {
      const engine = makeEngine();
      await engine.open(REQUEST);
      const own = await jobsOf(engine).analyze(TEXT, { mask: MASK });
      const { provenance } = await engine.open({ ...REQUEST, precision: "f32" });
      expect(provenance.model.precision).toBe("f32");
      expect((await jobsOf(engine).analyze(TEXT, { mask: MASK })).tokens).toEqual(own.tokens);
    });
  });
}
