// What every backend must do when it continues a text: with its cache the tokens that come without one, edited or not,
// and the same text for the same seed. Called once for each backend.

import { jobsOn } from "./jobs.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../src/backend/backend.ts";
import { bundledLibrary } from "../../src/session/library/bundledLibrary.ts";
import { Editing } from "../../src/session/passes/editing.ts";
import { unembed } from "../../src/session/passes/logits.ts";
import { openSession, prepare } from "../../src/session/openSession.ts";
import { residual } from "../../src/session/passes/pass.ts";
import type { Session } from "../../src/session/session.ts";
import type { Edit } from "../../src/lib/edits.ts";
import type { Generation, GenerationOptions } from "../../src/lib/interventions.ts";
import type { BackendName } from "../../src/lib/report.ts";
import { withScope } from "../../src/lib/scope.ts";
import { finalNorm, runBlocks } from "../../src/model/forward.ts";
import { demoBundle } from "./nodeFiles.ts";

const REQUEST = { model: "demo", sae: "blocks.3.hook_resid_post_fast_lr" } as const;
const TEXT = "And the king said unto the captain of the ship,";
const GREEDY = { edits: [], maxTokens: 64, temperature: 0, topP: 1, seed: 1 } as const;

/** @param everyTokenAnew also in the edits that one pass proves already; a GPU in software takes a minute for it. */
export function describeGeneration(
  name: BackendName,
  start: () => Promise<Backend>,
  everyTokenAnew: boolean,
): void {
  describe(`${name}: generation on the bundled model`, () => {
    let session: Session;
    beforeAll(async () => {
      const library = bundledLibrary(async () => demoBundle());
      const prepared = await prepare(library, REQUEST, null, {});
      session = await openSession(await start(), prepared, REQUEST, {});
    });
    afterAll(() => session.backend.dispose());
    const run = (how: Partial<GenerationOptions>, text = TEXT): Promise<Generation> =>
      jobsOn(session).generate(text, { ...GREEDY, ...how }, {});
    const idsOf = (tokens: { id: number }[] = []): number[] => tokens.map(({ id }) => id);

    /** Logits behind the last of `ids`, or behind each from `first` on: a pass without a cache that edits all rows. */
    async function logitsBehind(
      ids: readonly number[],
      first: number,
      edits: readonly Edit[],
      unit: number,
    ): Promise<Float32Array[]> {
      const { backend, model, sae } = session;
      const { gemma } = model;
      const contexts = [ids.length];
      return withScope(async (own) => {
        const batch = { ids: Uint32Array.from(ids), contexts };
        const editing = await Editing.open(backend, sae.sae, edits);
        const x = own(await residual(session, batch, sae.sae.config.layer, {}));
        const moved = own(editing.move(await editing.plan(x, 0, unit), 0));
        const out = own(await runBlocks(gemma, moved, contexts, 4, gemma.config.layers, {}));
        const ends = own(backend.sliceRows(out, first, ids.length));
        return (await unembed(session, { rows: own(await finalNorm(gemma, ends, {})) }, {})).logits;
      });
    }
    const mostLikely = (row: Float32Array): number =>
      row.indexOf(row.reduce((most, logit) => Math.max(most, logit)));

    /** Without a cache: for every token the whole text is run anew. */
    async function madeAnew(edits: readonly Edit[], count: number, unit: number) {
      const ids = [...(session.model.tokenizer?.encode(TEXT) ?? [])];
      const made: number[] = [];
      while (made.length < count) {
        const [last] = await logitsBehind(ids, ids.length - 1, edits, unit);
        if (!last) throw new Error("A pass gave no logits.");
        made.push(mostLikely(last));
        ids.push(mostLikely(last));
      }
      return made;
    }

    /**
     * The most likely token behind each position of text and continuation, in one pass without a cache. No position sees
     * what follows it, so a continuation that agrees everywhere is the one of `madeAnew`, for a 64th of its time.
     */
    async function likelyInOnePass(edits: readonly Edit[], made: readonly number[], unit: number) {
      const prompt = session.model.tokenizer?.encode(TEXT) ?? [];
      const ids = [...prompt, ...made.slice(0, -1)];
      return (await logitsBehind(ids, prompt.length - 1, edits, unit)).map(mostLikely);
    }

    it("with its cache is what it is without, token by token, greedy, for 64 tokens", async () => {
      const { clean, edited, residualNorm } = await run({});
      expect(edited).toBeNull();
      expect(clean).toMatchObject({ ended: "length" });
      const made = idsOf(clean.tokens);
      expect(made).toHaveLength(64);
      expect(made).toEqual(await madeAnew([], 64, residualNorm));
      expect(clean.text).toBe(session.model.tokenizer?.decode(made));
    });

    it.each([
      ["from inside the text on", { from: 5 }, true],
      ["everywhere", "all", everyTokenAnew],
      ["behind the text alone", { from: 20 }, everyTokenAnew],
    ] as const)("and edited %s, beside the text's own stream", async (_, positions, anew) => {
      const edits = [
        { feature: 17, mode: "steer", value: 0.4, positions },
        { feature: 1255, mode: "clamp", value: 30, positions },
        { feature: 33, mode: "ablate", positions: "all" },
      ] as const;
      const { clean, edited, residualNorm } = await run({ edits });
      const made = idsOf(edited?.tokens);
      expect(made).toHaveLength(64);
      expect(await likelyInOnePass(edits, made, residualNorm)).toEqual(made);
      if (anew) expect(await madeAnew(edits, 64, residualNorm)).toEqual(made);
      expect(idsOf(clean.tokens)).toEqual(idsOf((await run({})).clean.tokens));
      expect(edited?.text).not.toBe(clean.text);
    });

    it("repeats a text for its seed, and draws others for others", async () => {
      const drawn = { temperature: 1, topP: 0.9, maxTokens: 24 };
      const [first, again, other] = [
        await run({ ...drawn, seed: 7 }),
        await run({ ...drawn, seed: 7 }),
        await run({ ...drawn, seed: 8 }),
      ];
      expect(again).toEqual(first);
      expect(other.clean.text).not.toBe(first.clean.text);
      // An edit that changes nothing draws the same tokens beside it.
      const edits = [{ feature: 3, mode: "scale", value: 1, positions: "all" }] as const;
      const beside = await run({ ...drawn, seed: 7, edits });
      expect(idsOf(beside.edited?.tokens)).toEqual(idsOf(first.clean.tokens));
    });
  });
}
