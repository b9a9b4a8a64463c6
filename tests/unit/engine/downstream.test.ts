// What edits change for an SAE behind them, on the bundled model: beside what that SAE has alone, and what stays open.

import { describe, expect, it } from "vitest";
import type { Backend } from "../../../src/backend/backend.ts";
import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import type { Engine } from "../../../src/session/engine.ts";
import { jobsOf } from "../../support/jobs.ts";
import { engineOn } from "../../support/engineSuite.ts";
import { TFJS_WASM } from "../../support/nodeFiles.ts";

const TEXT =
  "The whale rose beneath the ship, and Ahab shouted to his men to lower the boats into the sea.";
const FAST = { model: "demo", sae: "blocks.3.hook_resid_post_fast_lr" } as const;
const SAME_HOOK = "blocks.3.hook_resid_post_topk";
const LATE = "blocks.5.hook_resid_post";
const EARLY = "blocks.0.hook_resid_post";
const EDITS = [{ feature: 1051, mode: "ablate", positions: [21] }] as const;
const HOW = { mask: "nonspecial", controls: 0, seed: 1, position: null } as const;

async function setUp(): Promise<{ engine: Engine; backend: Backend }> {
  const backend = await createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM });
  const engine = engineOn("tfjs-wasm", async () => backend);
  await engine.open(FAST);
  return { engine, backend };
}

describe("downstream of an edit", () => {
  it("every later token has the features that the SAE has alone, changed", async () => {
    const { engine } = await setUp();
    const { tokens, reader, sae } = await jobsOf(engine).downstream(TEXT, EDITS, { sae: LATE });
    expect([sae.folder, reader.folder]).toEqual([FAST.sae, LATE]);
    await engine.open({ ...FAST, sae: LATE });
    const alone = (await jobsOf(engine).analyze(TEXT, { mask: "all" })).tokens;
    expect(tokens.map(({ position }) => position)).toEqual(
      alone.slice(21).map(({ position }) => position),
    );
    for (const { position, token, l0, lost, gained, changed } of tokens) {
      const own = new Map(alone[position]?.features.map((one) => [one.index, one]));
      expect(token).toBe(alone[position]?.token);
      expect(l0.before).toBe(own.size);
      for (const { index, before } of [...lost, ...changed]) {
        expect(before.raw).toBeCloseTo(own.get(index)?.raw ?? NaN, 3);
        expect(before.folded).toBeCloseTo(own.get(index)?.folded ?? NaN, 3);
      }
      for (const { index } of gained) expect(own.has(index)).toBe(false);
    }
    expect(tokens[0]?.size).toBeGreaterThan(tokens[3]?.size ?? NaN);
  });

  it("on the edited hook only edited tokens change, for another SAE and for the open one", async () => {
    const { engine } = await setUp();
    for (const sae of [SAME_HOOK, FAST.sae]) {
      const { tokens } = await jobsOf(engine).downstream(
        TEXT,
        [{ ...EDITS[0], positions: [6, 21] }],
        {
          sae,
        },
      );
      // The feature is silent at 6: nothing moves there.
      expect(tokens.map(({ position }) => position)).toEqual([21]);
      expect(tokens[0]?.size).toBeGreaterThan(1);
    }
    const { tokens } = await jobsOf(engine).downstream(TEXT, EDITS, { sae: FAST.sae });
    expect(tokens[0]?.lost.some(({ index }) => index === 1051)).toBe(true);
  });

  it("is part of an intervention that asks for it", async () => {
    const { engine } = await setUp();
    const asked = await jobsOf(engine).intervene(TEXT, EDITS, { ...HOW, downstream: LATE });
    expect(asked.downstream).toEqual(await jobsOf(engine).downstream(TEXT, EDITS, { sae: LATE }));
    expect((await jobsOf(engine).intervene(TEXT, EDITS, HOW)).downstream).toBeNull();
  });

  it("is empty where no edit moves anything", async () => {
    const { engine } = await setUp();
    const still = [{ feature: 1051, mode: "scale", value: 1, positions: "all" }] as const;
    for (const edits of [[], still]) {
      expect((await jobsOf(engine).downstream(TEXT, edits, { sae: LATE })).tokens).toEqual([]);
    }
  });

  it("is refused for an SAE before the edit, one that is not there, and an edit that cannot be", async () => {
    const { engine } = await setUp();
    await expect(jobsOf(engine).downstream(TEXT, EDITS, { sae: EARLY })).rejects.toMatchObject({
      code: "Mismatch",
      message: expect.stringMatching(/blocks\.3\..*blocks\.0\..*same hook or a later one/),
    });
    await expect(jobsOf(engine).downstream(TEXT, EDITS, { sae: "none" })).rejects.toMatchObject({
      code: "RepoNotFound",
    });
    const beyond = [{ ...EDITS[0], positions: [99] }];
    await expect(jobsOf(engine).downstream(TEXT, beyond, { sae: LATE })).rejects.toMatchObject({
      code: "Format",
      message: expect.stringContaining("position 99"),
    });
  });

  it("keeps the other SAE open for the next edit, and frees it with what is open", async () => {
    const { engine, backend } = await setUp();
    // The blocks behind the hook stay with the model; the open SAE takes nothing beside itself.
    const readByItself = async (): Promise<number> => {
      await jobsOf(engine).downstream(TEXT, EDITS, { sae: FAST.sae });
      return backend.memory();
    };
    await jobsOf(engine).downstream(TEXT, EDITS, { sae: LATE });
    const alone = await readByItself();
    await jobsOf(engine).downstream(TEXT, EDITS, { sae: LATE });
    const both = backend.memory();
    expect(both).toBeGreaterThan(alone);
    await jobsOf(engine).downstream(TEXT, [{ ...EDITS[0], positions: "all" }], { sae: LATE });
    expect(backend.memory()).toBe(both);
    const controller = new AbortController();
    const stopped = jobsOf(engine).downstream(
      TEXT,
      EDITS,
      { sae: SAME_HOOK },
      {
        signal: controller.signal,
        onProgress: () => controller.abort(),
      },
    );
    await expect(stopped).rejects.toMatchObject({ code: "Cancelled" });
    expect(await readByItself()).toBe(alone);
    await jobsOf(engine).downstream(TEXT, EDITS, { sae: LATE });
    await engine.open(FAST);
    expect(await readByItself()).toBe(alone);
  });
});
