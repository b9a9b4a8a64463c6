// What every backend must find downstream of an edit: the features that a float64 reference has gained and lost, on the
// edited hook and behind another block, for edits of features of every kind of SAE. Called once for each backend.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../src/backend/backend.ts";
import { readDownstream } from "../../src/jobs/downstream.ts";
import type { Session } from "../../src/session/session.ts";
import { openTensors } from "../../src/formats/shards.ts";
import type { Downstream, FeatureChange } from "../../src/lib/interventions.ts";
import type { BackendName } from "../../src/lib/report.ts";
import type { Gemma } from "../../src/model/forward.ts";
import type { Sae } from "../../src/sae/sae.ts";
import * as reference from "../reference/ops.ts";
import { at, build, type Matrix } from "../reference/ops.ts";
import { within } from "./agree.ts";
import { decoderFiles, edited, matrix } from "./editReference.ts";
import { nodeTree } from "./nodeFiles.ts";
import { floats, openSaeGolden, openTiny, SAE_KINDS, saeFile } from "./tinyModels.ts";

const MODEL = "tiny-mqa-bf16-sharded";
const LATER = "standard-defaults";
/** Where the edited feature is the strongest. */
const FIRST = 4;
const STEER_UNIT = 0; // no edit here steers
/** A feature may be on or off where its pre-activation is this near to 0. */
const MARGIN = 1e-3;

/** x behind block `layer` → x behind it, in float64 from the model's own file. */
async function block(x: Matrix, layer: number, { config }: Gemma): Promise<Matrix> {
  const tensors = await openTensors(
    nodeTree(`tests/fixtures/goldens/${MODEL}`),
    "model.safetensors",
  );
  const weight = async (name: string, cols: number): Promise<Matrix> =>
    matrix(await floats(tensors, `model.layers.${layer}.${name}.weight`), cols);
  const gain = async (name: string): Promise<Matrix> => {
    const w = await weight(name, config.dModel);
    return build(1, w.cols, (_, c) => 1 + at(w, 0, c));
  };
  const d = config.dModel;
  const n = reference.rmsNorm(x, await gain("input_layernorm"), config.eps);
  const [q, k, v] = [
    reference.linear(n, await weight("self_attn.q_proj", d)),
    reference.linear(n, await weight("self_attn.k_proj", d)),
    reference.linear(n, await weight("self_attn.v_proj", d)),
  ];
  const heads = {
    heads: config.heads,
    kvHeads: config.kvHeads,
    headDim: config.headDim,
    theta: config.ropeTheta,
  };
  const mixed = reference.attention(q, k, v, { ...heads, contexts: [x.rows] });
  const h = reference.linear(mixed, await weight("self_attn.o_proj", mixed.cols), x);
  const m = reference.rmsNorm(h, await gain("post_attention_layernorm"), config.eps);
  const gate = await weight("mlp.gate_proj", d);
  const gated = reference.gatedMlp(m, gate, await weight("mlp.up_proj", d), "tanh");
  return reference.linear(gated, await weight("mlp.down_proj", gated.cols), h);
}

/** The later SAE's pre-activations, [T, d_sae]; its f is ReLU of them. */
async function preActivations(x: Matrix): Promise<Matrix> {
  const { config, tensor } = await saeFile(LATER);
  const W_enc = matrix(await tensor("W_enc"), config.dSae);
  const b_enc = await tensor("b_enc");
  const b_dec = config.applyBDecToInput ? await tensor("b_dec") : new Float32Array(config.dIn);
  return build(x.rows, config.dSae, (t, i) => {
    let sum = b_enc[i] ?? NaN;
    for (let c = 0; c < x.cols; c++) sum += (at(x, t, c) - (b_dec[c] ?? NaN)) * at(W_enc, c, i);
    return sum;
  });
}

export function describeDownstream(name: BackendName, start: () => Promise<Backend>): void {
  describe(`${name}: downstream of an edit`, () => {
    let backend: Backend;
    let gemma: Gemma;
    beforeAll(async () => {
      backend = await start();
      gemma = await openTiny(backend, MODEL, "tanh");
    });
    afterAll(() => backend.dispose());

    const session = (sae: Sae, folder: string): Session => {
      const placed = { source: "tiny", name: "tiny", tree: nodeTree(folder) };
      const model = { ...placed, presets: [], corpus: null };
      return {
        backend,
        model: { source: model, fileFormat: "bf16", gemma, tokenizer: null, notices: [] },
        sae: {
          source: {
            ...placed,
            folder,
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
    };
    it.each(SAE_KINDS)("of %s, an SAE gains and loses what the reference does", async (kind) => {
      const opened = await openSaeGolden(backend, kind);
      const { dIn, dSae } = opened.sae.config;
      const [x, f] = [matrix(opened.x, dIn), matrix(opened.f, dSae)];
      const row = Array.from({ length: dSae }, (_, i) => at(f, FIRST, i));
      const feature = row.indexOf(Math.max(...row));
      let flips = 0;
      for (const [edit, layer] of [
        [{ feature, mode: "ablate", positions: [FIRST, 9] }, 1],
        [{ feature, mode: "scale", value: 3, positions: [FIRST] }, 2],
        [{ feature, mode: "clamp", value: 9, positions: { from: 20 } }, 2],
      ] as const) {
        const here = (t: number): boolean =>
          "from" in edit.positions
            ? t >= edit.positions.from
            : edit.positions.some((position) => position === t);
        const moved = edited(x, f, await decoderFiles(kind, dIn), edit, here, STEER_UNIT);
        const reads = async (rows: Matrix): Promise<Matrix> =>
          preActivations(layer === 1 ? rows : await block(rows, 2, gemma));
        const { sae: later } = await openSaeGolden(backend, LATER, layer);
        const [before, after] = [await reads(x), await reads(moved)];
        const found = await readDownstream(
          session(opened.sae, kind),
          session(later, LATER),
          opened.ids,
          [edit],
          {},
        );
        expect(found.reader.hook).toBe(`blocks.${layer}.hook_resid_post`);
        flips += expectChanges(
          found,
          before,
          after,
          (t) => (layer === 1 ? here(t) : t >= FIRST),
          edit.mode,
        );
        later.dispose();
      }
      expect(flips, "features that are gained or lost").toBeGreaterThan(5);
      opened.sae.dispose();
    });
  });
}

/** @returns how many features are gained or lost. */
function expectChanges(
  { tokens }: Downstream,
  before: Matrix,
  after: Matrix,
  mayDiffer: (t: number) => boolean,
  label: string,
): number {
  const first = tokens[0]?.position ?? -1;
  expect(first, label).toBeGreaterThan(-1);
  for (const { position } of tokens) expect(mayDiffer(position), `${label} ${position}`).toBe(true);
  let flips = 0;
  for (const token of tokens) {
    const { position: t, gained, lost, changed } = token;
    const where = (i: number): string => `${label}, position ${t}, feature ${i}`;
    const value = (of: Matrix, i: number): number => Math.max(0, at(of, t, i));
    const near = (i: number): boolean =>
      Math.abs(at(before, t, i)) < MARGIN || Math.abs(at(after, t, i)) < MARGIN;
    const listed = new Map([...gained, ...lost].map((one) => [one.index, one]));
    for (let i = 0; i < before.cols; i++) {
      if (near(i)) continue;
      const flipped = value(before, i) > 0 !== value(after, i) > 0;
      if (flipped) flips++;
      expect(listed.has(i), where(i)).toBe(flipped);
    }
    const agrees = (one: FeatureChange): void => {
      const { index, before: was, after: is } = one;
      expect(within(was.raw, value(before, index), MARGIN, MARGIN), where(index)).toBe(true);
      expect(within(is.raw, value(after, index), MARGIN, MARGIN), where(index)).toBe(true);
    };
    [...gained, ...lost, ...changed].forEach(agrees);
    for (const one of gained) expect(one.before.raw, where(one.index)).toBe(0);
    for (const one of lost) expect(one.after.raw, where(one.index)).toBe(0);
    expect(token.l0.after - token.l0.before, label).toBe(gained.length - lost.length);
  }
  return flips;
}
