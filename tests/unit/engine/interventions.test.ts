// Interventions on the portable backend: on WebAssembly, and on plain JavaScript.

import { beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../../src/backend/backend.ts";
import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import { engineOn } from "../../support/engineSuite.ts";
import { describeDownstream } from "../../support/downstreamSuite.ts";
import { describeGeneration } from "../../support/generationSuite.ts";
import { describeInterventions } from "../../support/interventionSuite.ts";
import { TFJS_WASM } from "../../support/nodeFiles.ts";
import { jobsOf } from "../../support/jobs.ts";

const cpu = () => createTfjsBackend("tfjs-cpu");
const wasm = () => createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM });

describeInterventions("tfjs-wasm", wasm);
describeGeneration("tfjs-wasm", wasm, true);
describeDownstream("tfjs-wasm", wasm);
describeInterventions("tfjs-cpu", cpu);
describeDownstream("tfjs-cpu", cpu);

/** An engine, and the backends that it starts. */
function recorded() {
  const started: Backend[] = [];
  const engine = engineOn("tfjs-wasm", async () => {
    const backend = await wasm();
    started.push(backend);
    return backend;
  });
  return { engine, started };
}

describe("what cannot be done", () => {
  const TEXT = "The whale rose.";
  const HOW = { mask: "all", controls: 0, seed: 1, position: null } as const;
  const GREEDY = { edits: [], maxTokens: 2, temperature: 0, topP: 1, seed: 1 } as const;
  const engine = engineOn("tfjs-wasm", wasm);
  beforeAll(async () => {
    await engine.open({ model: "demo", sae: "blocks.0.hook_resid_post" });
  });

  it("is refused with words: positions, counts, temperatures, and texts of no token", async () => {
    for (const [how, words] of [
      [{ position: 99 }, /position 99.*0 to/],
      [{ position: NaN }, /position NaN/],
      [{ controls: -1 }, /controls is -1/],
      [{ controls: 1e6 }, /controls is 1000000/],
      [{ seed: 0.5 }, /seed is 0.5/],
    ] as const) {
      await expect(jobsOf(engine).intervene(TEXT, [], { ...HOW, ...how })).rejects.toMatchObject({
        code: "Format",
        message: expect.stringMatching(words),
      });
    }
    for (const [how, words] of [
      [{ maxTokens: NaN }, /maxTokens is NaN/],
      [{ maxTokens: 1e9 }, /maxTokens is 1000000000.*0 to 1024/],
      [{ temperature: -1 }, /temperature is -1/],
      [{ temperature: NaN }, /temperature is NaN/],
      [{ topP: 0 }, /topP is 0/],
      [{ topP: 1.1 }, /topP is 1.1/],
    ] as const) {
      await expect(jobsOf(engine).generate(TEXT, { ...GREEDY, ...how })).rejects.toMatchObject({
        code: "Format",
        message: expect.stringMatching(words),
      });
    }
    await expect(jobsOf(engine).intervene([], [], HOW)).rejects.toMatchObject({ code: "Format" });
    await expect(jobsOf(engine).generate([], GREEDY)).rejects.toMatchObject({ code: "Format" });
    const steer = { feature: 1024, mode: "steer", value: 1, positions: "all" } as const;
    await expect(jobsOf(engine).intervene(TEXT, [steer], HOW)).rejects.toMatchObject({
      code: "NoSuchFeature",
    });
  });

  it("the greatest values that are taken give numbers still", async () => {
    for (const edit of [
      { feature: 3, mode: "clamp", value: 100_000, positions: "all" },
      { feature: 3, mode: "steer", value: -100, positions: "all" },
    ] as const) {
      const { after, kl, deltaCe } = await jobsOf(engine).intervene(TEXT, [edit], HOW);
      const numbers = [
        after.ce,
        ...kl,
        ...deltaCe,
        ...after.nextTokens.map((one) => one.probability),
      ];
      expect(numbers.every(Number.isFinite)).toBe(true);
    }
  });

  it("edits of generated tokens may stand beyond the text, and no further than they go", async () => {
    const at = (from: number) =>
      [{ feature: 3, mode: "steer", value: 1, positions: { from } }] as const;
    const { promptTokens } = await jobsOf(engine).generate(TEXT, GREEDY);
    await jobsOf(engine).generate(TEXT, { ...GREEDY, edits: at(promptTokens + 1) });
    await expect(
      jobsOf(engine).generate(TEXT, { ...GREEDY, edits: at(promptTokens + 2) }),
    ).rejects.toMatchObject({ code: "Format" });
  });

  it("a text that fills the context goes on no further, and says so", async () => {
    const ids = Array.from({ length: 1023 }, () => 400);
    const { clean } = await jobsOf(engine).generate(ids, { ...GREEDY, maxTokens: 5 });
    expect(clean.ended).toBe("context");
    expect(clean.tokens).toHaveLength(1);
    const full = await jobsOf(engine).generate([...ids, 400], GREEDY);
    expect(full.clean).toEqual({ tokens: [], text: "", ended: "context" });
  });

  it("frees everything, also when it is stopped", async () => {
    const { started, engine: own } = recorded();
    await own.open({ model: "demo", sae: "blocks.0.hook_resid_post" });
    const steer = { feature: 3, mode: "steer", value: 1, positions: { from: 1 } } as const;
    const work = async (stopAfter: number): Promise<void> => {
      const controller = new AbortController();
      const stopped = { signal: controller.signal };
      const all = [
        jobsOf(own).intervene(TEXT, [steer], { ...HOW, controls: 3 }, stopped),
        jobsOf(own).attribute(TEXT, { position: null, target: null }, stopped),
        jobsOf(own).generate(TEXT, { ...GREEDY, edits: [steer], maxTokens: 4 }, stopped),
      ];
      if (stopAfter > 0) setTimeout(() => controller.abort(), stopAfter);
      await Promise.allSettled(all);
    };
    await work(0);
    const held = started[0]?.memory();
    for (const ms of [1, 5, 15, 40, 80]) await work(ms);
    await work(0);
    expect(started[0]?.memory()).toBe(held);
  });

  it("stopping gives what there is by then", async () => {
    const controller = new AbortController();
    const texts: string[] = [];
    const { clean } = await jobsOf(engine).generate(
      TEXT,
      { ...GREEDY, maxTokens: 500 },
      {
        signal: controller.signal,
        onProgress: ({ generated, done }) => {
          texts.push(generated?.clean ?? "");
          if (done === 3) controller.abort();
        },
      },
    );
    expect(clean.ended).toBe("stopped");
    expect(clean.tokens).toHaveLength(3);
    expect(clean.text).toBe(texts[2]);
    await expect(
      jobsOf(engine).generate(TEXT, GREEDY, { signal: controller.signal }),
    ).rejects.toMatchObject({ code: "Cancelled" });
  });
});
