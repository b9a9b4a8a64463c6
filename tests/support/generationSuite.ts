// What every backend must do when it continues a text: with its cache the tokens that come without one, edited or not,
// and the same text for the same seed. Called once for each backend.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../src/backend/backend.ts";
import { bundledLibrary } from "../../src/engine/bundledLibrary.ts";
import { Editing } from "../../src/engine/editing.ts";
import { generate } from "../../src/engine/generate.ts";
import { unembed } from "../../src/engine/logits.ts";
import { openSession, prepare } from "../../src/engine/openSession.ts";
import { residual } from "../../src/engine/pass.ts";
import type { Session } from "../../src/engine/session.ts";
import type { Edit } from "../../src/lib/edits.ts";
import type { Generation, GenerationOptions } from "../../src/lib/interventions.ts";
import type { BackendName } from "../../src/lib/report.ts";
import { withScope } from "../../src/lib/scope.ts";
import { finalNorm, runBlocks } from "../../src/model/forward.ts";
import { demoBundle } from "./nodeFiles.ts";

const REQUEST = { model: "demo", sae: "blocks.3.hook_resid_post_fast_lr" } as const;
const TEXT = "And the king said unto the captain of the ship,";
const GREEDY = { edits: [], maxTokens: 64, temperature: 0, topP: 1, seed: 1 } as const;

export function describeGeneration(name: BackendName, start: () => Promise<Backend>): void {
  describe(`${name}: generation on the bundled model`, () => {
    let session: Session;
    beforeAll(async () => {
      const library = bundledLibrary(async () => demoBundle());
      const prepared = await prepare(library, REQUEST, null, {});
      session = await openSession(await start(), prepared, REQUEST, {});
    });
    afterAll(() => session.backend.dispose());
    const run = (how: Partial<GenerationOptions>, text = TEXT): Promise<Generation> =>
      generate(session, text, { ...GREEDY, ...how }, {});
    const idsOf = (tokens: { id: number }[] = []): number[] => tokens.map(({ id }) => id);

    /**
     * The most likely token behind each position of text and continuation, in one pass that has no cache and edits all
     * rows at once. No position sees what follows it: a continuation that agrees everywhere is the one that running the
     * whole text anew for every token gives.
     */
    async function mostLikely(edits: readonly Edit[], made: readonly number[], unit: number) {
      const { backend, model, sae } = session;
      const { gemma } = model;
      const prompt = model.tokenizer?.encode(TEXT) ?? [];
      const ids = Uint32Array.from([...prompt, ...made.slice(0, -1)]);
      const contexts = [ids.length];
      const logits = await withScope(async (own) => {
        const editing = await Editing.open(backend, sae.sae, edits);
        const x = own(await residual(session, { ids, contexts }, sae.sae.config.layer, {}));
        const moved = own(editing.move(await editing.plan(x, 0, unit), 0));
        const out = own(await runBlocks(gemma, moved, contexts, 4, gemma.config.layers, {}));
        const rows = own(await finalNorm(gemma, out, {}));
        return (await unembed(session, { rows }, {})).logits;
      });
      return logits
        .slice(prompt.length - 1)
        .map((row) => row.indexOf(row.reduce((most, logit) => Math.max(most, logit))));
    }

    it("with its cache is what it is without, greedy, for 64 tokens", async () => {
      const { clean, edited, residualNorm } = await run({});
      expect(edited).toBeNull();
      expect(clean).toMatchObject({ ended: "length" });
      const made = idsOf(clean.tokens);
      expect(made).toHaveLength(64);
      expect(await mostLikely([], made, residualNorm)).toEqual(made);
      expect(clean.text).toBe(session.model.tokenizer?.decode(made));
    });

    it.each([
      ["from inside the text on", { from: 5 }],
      ["everywhere", "all"],
      ["behind the text alone", { from: 20 }],
    ] as const)("and edited %s, beside the text's own stream", async (_, positions) => {
      const edits = [
        { feature: 17, mode: "steer", value: 0.4, positions },
        { feature: 1255, mode: "clamp", value: 30, positions },
        { feature: 33, mode: "ablate", positions: "all" },
      ] as const;
      const { clean, edited, residualNorm } = await run({ edits });
      const made = idsOf(edited?.tokens);
      expect(made).toHaveLength(64);
      expect(await mostLikely(edits, made, residualNorm)).toEqual(made);
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
