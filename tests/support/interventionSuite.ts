// What every backend must do with edits: move the residual as the float64 reference has it for every SAE, and give the
// predictions of the stream so edited, whatever part of it was computed anew. Called once for each backend.

import { jobsOn } from "./jobs.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend, Tensor } from "../../src/backend/backend.ts";
import { Trunk } from "../../src/session/passes/branches.ts";
import { bundledLibrary } from "../../src/session/library/bundledLibrary.ts";
import { Editing } from "../../src/session/passes/editing.ts";
import type { Engine } from "../../src/session/engine.ts";
import { jobsOf } from "./jobs.ts";
import { unembed } from "../../src/session/passes/logits.ts";
import { logProbabilities } from "../../src/session/passes/nextTokens.ts";
import { openSession, prepare } from "../../src/session/openSession.ts";
import { residual } from "../../src/session/passes/pass.ts";
import type { Session } from "../../src/session/session.ts";
import type { Edit, EditPositions } from "../../src/lib/edits.ts";
import type { Intervention, NextToken } from "../../src/lib/interventions.ts";
import type { BackendName } from "../../src/lib/report.ts";
import { finalNorm, runBlocks } from "../../src/model/forward.ts";
import { at } from "../reference/ops.ts";
import { expectRows } from "./agree.ts";
import { decoderFiles, edited, firing, matrix, withoutFeatures } from "./editReference.ts";
import { engineOn } from "./engineSuite.ts";
import { demoBundle } from "./nodeFiles.ts";
import { openSaeGolden, SAE_KINDS } from "./tinyModels.ts";

const SAE = "blocks.3.hook_resid_post_fast_lr";
const TEXT =
  "And the king said unto the captain of the ship, Return from following after the whale.";
const HOW = { mask: "nonspecial", controls: 0, seed: 1, position: null } as const;

async function openOn(backend: Backend, sae: string): Promise<Session> {
  const request = { model: "demo", sae };
  const library = bundledLibrary(async () => demoBundle());
  return openSession(backend, await prepare(library, request, null, {}), request, {});
}

export function describeInterventions(name: BackendName, start: () => Promise<Backend>): void {
  describe(`${name}: edits`, () => {
    let backend: Backend;
    beforeAll(async () => {
      backend = await start();
    });
    afterAll(() => backend.dispose());

    it.each(SAE_KINDS)("of %s move the residual as the reference does", async (kind) => {
      const { sae, x, f } = await openSaeGolden(backend, kind);
      const { dIn, dSae } = sae.config;
      const files = await decoderFiles(kind, dIn);
      const [xs, fs] = [matrix(x, dIn), matrix(f, dSae)];
      const rows = backend.tensor(x, xs.rows, dIn);
      const apply = async (edits: readonly Edit[]): Promise<Float32Array> => {
        const editing = await Editing.open(backend, sae, edits);
        const planned = await editing.plan(rows, 0, 7.5);
        return backend.read(editing.move(planned, 0));
      };
      const [strong = -1, other = -1] = firing(fs);
      // In some of them every feature fires somewhere: the weakest one, and where it does not.
      const silent = firing(fs).at(-1) ?? -1;
      const off = Array.from({ length: fs.rows }, (_, t) => t).filter(
        (t) => at(fs, t, silent) === 0,
      );
      const where: [EditPositions, (t: number) => boolean][] = [
        ["all", () => true],
        [{ from: 9 }, (t) => t >= 9],
        [[0, 3, 24], (t) => [0, 3, 24].includes(t)],
      ];
      for (const [positions, here] of where) {
        for (const edit of [
          { feature: strong, mode: "ablate" },
          { feature: strong, mode: "clamp", value: 3.25 },
          { feature: silent, mode: "clamp", value: -2 },
          { feature: other, mode: "scale", value: 2.5 },
          { feature: silent, mode: "steer", value: -1.5 },
        ] as const) {
          const found = await apply([{ ...edit, positions }]);
          const wanted = edited(xs, fs, files, { ...edit, positions }, here, 7.5);
          const label = `${edit.mode} ${JSON.stringify(positions)}`;
          expectRows(found, Float32Array.from(wanted.data), dIn, label);
          for (let t = 0; t < xs.rows; t++) {
            if (here(t)) continue;
            const own = [t * dIn, (t + 1) * dIn] as const;
            expect(found.slice(...own), `${label}, row ${t}`).toEqual(x.slice(...own));
          }
        }
      }
      const all = firing(fs).map(
        (feature) => ({ feature, mode: "ablate", positions: "all" }) as const,
      );
      const bare = await apply(all);
      expectRows(bare, Float32Array.from(withoutFeatures(xs, fs, files).data), dIn, "ablate all");
      // Nothing changes: every bit stays.
      expect(await apply([])).toEqual(x);
      expect(await apply([{ feature: silent, mode: "ablate", positions: off }])).toEqual(x);
      expect(await apply([{ feature: strong, mode: "scale", value: 1, positions: "all" }])).toEqual(
        x,
      );
      sae.dispose();
    });
  });

  describe(`${name}: interventions on the bundled model`, () => {
    let engine: Engine;
    let strongest = -1;
    beforeAll(async () => {
      engine = engineOn(name, start);
      await engine.open({ model: "demo", sae: SAE });
      const { tokens } = await jobsOf(engine).analyze(TEXT, { mask: "all" });
      strongest = tokens[6]?.features[0]?.index ?? -1;
    });
    const run = (edits: readonly Edit[], how = {}): Promise<Intervention> =>
      jobsOf(engine).intervene(TEXT, edits, { ...HOW, ...how }, {});

    it("without edits has the logits of the plain model, to the last bit", async () => {
      const session = await openOn(await start(), SAE);
      const { backend, model } = session;
      const { gemma } = model;
      const ids = Uint32Array.from(model.tokenizer?.encode(TEXT) ?? []);
      const batch = { ids, contexts: [ids.length] };
      // Not a line of interventions: the blocks, the last norm, the unembedding.
      const x = await residual(session, batch, gemma.config.layers - 1, {});
      const normed = await finalNorm(gemma, x, {});
      const last = backend.sliceRows(normed, ids.length - 1, ids.length);
      // Two rows, as an intervention has them: how many there are may choose a layout of the product.
      const rows = backend.concatRows([last, last]);
      const { logits } = await unembed(session, { rows }, {});
      const wanted = logProbabilities(logits[0] ?? new Float32Array(0));
      const probabilities = (found: readonly NextToken[]): [number, number][] =>
        found.map(({ id, probability }) => [id, probability]);
      const still = { feature: 5, mode: "scale", value: 1, positions: "all" } as const;
      for (const edits of [[], [still]]) {
        const { before, after } = await jobsOn(session).intervene(TEXT, edits, HOW, {});
        const expected = before.nextTokens.map(({ id }) => [id, Math.exp(wanted[id] ?? NaN)]);
        expect(probabilities(before.nextTokens)).toEqual(expected);
        expect(probabilities(after.nextTokens)).toEqual(expected);
      }
      backend.dispose();
    });

    it("without edits changes nothing, to the last bit", async () => {
      const report = await run([]);
      expect(report.after).toEqual(report.before);
      expect(new Set(report.kl)).toEqual(new Set([0]));
      expect(new Set(report.deltaCe)).toEqual(new Set([0]));
      const verified = await jobsOf(engine).verify(TEXT, { mask: "nonspecial" });
      expect(report.before.ce).toBeCloseTo(verified.metrics.ceClean ?? NaN, 5);
      expect(report.spliced.ce).toBeCloseTo(verified.metrics.ceSae ?? NaN, 5);
      expect(report.before.actual).toBeNull();
      const earlier = await run([], { position: 4 });
      const ce = -Math.log(earlier.before.actual?.probability ?? NaN);
      expect(ce).toBeCloseTo(earlier.before.cePerToken[4] ?? NaN, 4);
    });

    it("leaves what comes before the first edit as it is", async () => {
      const report = await run([
        { feature: strongest, mode: "clamp", value: 50, positions: { from: 8 } },
      ]);
      expect(report.after.cePerToken.slice(0, 8)).toEqual(report.before.cePerToken.slice(0, 8));
      expect(report.kl.slice(0, 8)).toEqual(Array.from({ length: 8 }, () => 0));
      expect(report.kl[8]).toBeGreaterThan(1e-3);
    });

    it("compares with seeded controls", async () => {
      const edits = [{ feature: strongest, mode: "ablate", positions: [6] }] as const;
      const asked = { controls: 3, seed: 3, position: 6 };
      const [first, again, other] = [
        await run(edits, asked),
        await run(edits, asked),
        await run(edits, { ...asked, seed: 4 }),
      ];
      expect(again).toEqual(first);
      expect(other.controls?.samples).not.toEqual(first.controls?.samples);
      expect(other.controls?.effect).toBe(first.controls?.effect);
      const { samples = [], effect, mean, sd, z } = first.controls ?? {};
      expect(samples).toHaveLength(3);
      const average = samples.reduce((sum, value) => sum + value, 0) / 3;
      expect(mean).toBeCloseTo(average, 12);
      expect(z).toBeCloseTo(((effect ?? NaN) - average) / (sd ?? NaN), 9);
      // More controls begin with the same ones.
      const more = await run(edits, { ...asked, controls: 4 });
      more.controls?.samples
        .slice(0, 3)
        .forEach((kl, i) => expect(kl).toBeCloseTo(samples[i] ?? NaN, 5));
      expect(first.nextTokens.some((change) => change.z !== null)).toBe(true);
    });
  });

  describe(`${name}: attribution on the bundled model`, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = engineOn(name, start);
      await engine.open({ model: "demo", sae: SAE });
    });

    it("has the ablation of each active feature as an intervention has it", async () => {
      const position = 6;
      const { tokens } = await jobsOf(engine).analyze(TEXT, { mask: "all" });
      const here = tokens[position]?.features ?? [];
      const report = await jobsOf(engine).attribute(TEXT, { position, target: null });
      expect(report.target.id).toBe(tokens[position + 1]?.id);
      expect(report.features.map(({ index }) => index).toSorted((a, b) => a - b)).toEqual(
        here.map(({ index }) => index).toSorted((a, b) => a - b),
      );
      const sizes = report.features.map(({ ablation }) => Math.abs(ablation));
      expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
      for (const { index, ablation, raw } of [
        ...report.features.slice(0, 3),
        ...report.features.slice(-1),
      ]) {
        const edits = [{ feature: index, mode: "ablate", positions: [position] }] as const;
        const { nextTokens, before } = await jobsOf(engine).intervene(TEXT, edits, {
          ...HOW,
          position,
        });
        const change = nextTokens.find(({ id }) => id === report.target.id);
        expect(ablation, `feature ${index}`).toBeCloseTo(-(change?.logRatio ?? NaN), 4);
        expect(report.target.rank).toBe(before.actual?.rank);
        expect(raw).toBeCloseTo(here.find((one) => one.index === index)?.raw ?? NaN, 3);
      }
      const other = await jobsOf(engine).attribute(TEXT, { position, target: 5 });
      expect(other.target.id).toBe(5);
      const last = await jobsOf(engine).attribute(TEXT, { position: null, target: null });
      expect([last.position, last.target.rank]).toEqual([tokens.length - 1, 1]);
    });

    it("has direct contributions that, behind the last block, account for all of the effect", async () => {
      const session = await openOn(await start(), "blocks.5.hook_resid_post");
      const { backend, model, sae } = session;
      const { config, weights } = model.gemma;
      const position = 6;
      const { features, target } = await jobsOn(session).attribute(
        TEXT,
        { position, target: null },
        {},
      );
      const ids = Uint32Array.from(model.tokenizer?.encode(TEXT) ?? []);
      const stream = await residual(session, { ids, contexts: [ids.length] }, 5, {});
      const x = backend.sliceRows(stream, position, position + 1);
      const rms = async (row: Tensor): Promise<number> => {
        const values = await backend.read(row);
        const squares = values.reduce((sum, value) => sum + value * value, 0);
        return Math.sqrt(squares / config.dModel + config.eps);
      };
      const normed = backend.rmsNorm(x, await weights.finalGain({}), config.eps);
      const logit = (await unembed(session, { rows: normed }, {})).logits[0]?.[target.id] ?? NaN;
      const whole = await rms(x);
      expect(features.length).toBeGreaterThan(10);
      for (const { index, direct, ablationLogit } of features.slice(0, 12)) {
        const edits = [{ feature: index, mode: "ablate", positions: "all" }] as const;
        const editing = await Editing.open(backend, sae.sae, edits);
        const without = await rms(editing.move(await editing.plan(x, 0, 1), 0));
        // Only the norm's divisor, which `direct` holds fixed, moves too.
        const expected = logit - ((logit - direct) * whole) / without;
        expect(ablationLogit, `feature ${index}`).toBeCloseTo(expected, 3);
      }
      backend.dispose();
    });
  });

  describe(`${name}: branches`, () => {
    let session: Session;
    beforeAll(async () => {
      session = await openOn(await start(), SAE);
    });
    afterAll(() => session.backend.dispose());

    it("compute what whole streams do, and the text's own to the last bit", async () => {
      const { backend, model } = session;
      const ids = Uint32Array.from(model.tokenizer?.encode(TEXT) ?? []);
      const [T, d] = [ids.length, model.gemma.config.dModel];
      const contexts = [T];
      const x = await residual(session, { ids, contexts }, 3, {});
      const trunk = await Trunk.run(session, x, {});
      const whole = async (from: Tensor): Promise<Float32Array> => {
        const out = await runBlocks(model.gemma, from, contexts, 4, 6, {});
        return backend.read(await finalNorm(model.gemma, out, {}));
      };
      expect(await backend.read(trunk.normed)).toEqual(await whole(x));

      const values = await backend.read(x);
      const variants = [0, 5, T - 1].map((from, i) => {
        const changed = values.map((value, j) => (j >= from * d && j % 3 === i ? -value : value));
        return { from, changed, rows: T - from };
      });
      const ends = variants.map(({ from, changed, rows }) =>
        backend.tensor(changed.slice(from * d), rows, d),
      );
      const together = await backend.read(
        await trunk.branch(backend.concatRows(ends), variants, {}),
      );
      let row = 0;
      for (const { from, changed } of variants) {
        const wanted = (await whole(backend.tensor(changed, T, d))).slice(from * d);
        expectRows(together.slice(row * d, (row + T - from) * d), wanted, d, `from ${from}`);
        row += T - from;
      }
      trunk.dispose();
    });
  });
}
