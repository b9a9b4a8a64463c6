// The steps of the code for SAELens, computed: what each print would print, in float64, on the small models of SAELens
// and of transformers beside this file.

import type { Files, Step, Value, Which } from "../../src/export/saelens/steps.ts";
import { randomDirections } from "../../src/analysis/controls.ts";
import { holdsAt } from "../../src/lib/edits.ts";
import { randomSource } from "../../src/lib/random.ts";
import { at, build, linear, type Matrix, softmax } from "../reference/ops.ts";
import { PlainGemma } from "./plainGemma.ts";
import { norm, SaeLensModel } from "./saelens.ts";

/** One line of output: lists of numbers; a single number is a list of one. */
export type Printed = ReadonlyMap<string, readonly (readonly number[])[]>;

interface Side {
  readonly model: SaeLensModel;
  readonly norms: readonly number[];
  readonly scaling: readonly number[];
  x: Matrix;
  clean: Matrix;
  raw: Matrix;
  xHat: Matrix;
  spliced: Matrix;
  zeroed: Matrix;
}

const NONE = build(0, 0, () => 0);

export interface World {
  /** The folder in the repository that these files are. */
  readonly folder: (files: Files) => string;
  /** The file's scaling_factor, where a step asks for it. */
  readonly scaling?: (folder: string) => Promise<readonly number[]>;
  /** In place of a model: x at the hook; nothing behind it can be asked then. */
  readonly x?: Matrix;
}

export async function evaluateSteps(steps: readonly Step[], world: World): Promise<Printed> {
  const printed = new Map<string, readonly (readonly number[])[]>();
  const sides = new Map<Which, Side>();
  let gemma: PlainGemma | null = null;
  let ids: readonly number[] = [];
  let counted: readonly number[] = [];
  let ordinary: readonly number[] = [];
  let edited = NONE;
  let controls: number[] = [];

  const side = (which: Which): Side => {
    const found = sides.get(which);
    if (!found) throw new Error(`No ${which} is open`);
    return found;
  };
  const open = (): PlainGemma => {
    if (!gemma) throw new Error("No model is open");
    return gemma;
  };
  const run = (layer: number, instead?: Matrix): { x: Matrix; logits: Matrix } =>
    world.x ? { x: world.x, logits: NONE } : open().run(ids, layer, instead);
  const scaled = (f: Matrix, by: readonly number[]): Matrix =>
    build(f.rows, f.cols, (t, i) => at(f, t, i) * (by[i] ?? 1));
  const effectOf = (logits: Matrix): number => mean(masked(kl(side("sae").clean, logits), counted));

  function encode({ sae, layer }: Step & { step: "encode" }): void {
    const one = side(sae);
    const { x, logits } = run(layer);
    one.x = x;
    one.clean = logits;
    one.raw = one.model.encode(x);
    one.xHat = one.model.decode(scaled(one.raw, one.scaling));
  }

  function edit({ layer, edits, controls: how }: Step & { step: "edit" }): void {
    const { model, x, raw, scaling } = side("sae");
    const features = [...new Set(edits.map(({ feature }) => feature))];
    const T = x.rows;
    model.encode(x);
    // One unit of each feature, and none: [n + 1, T, d_sae].
    const units = build((features.length + 1) * T, raw.cols, (row, i) =>
      features[Math.floor(row / T)] === i ? 1 : 0,
    );
    const written = model.decode(scaled(units, scaling));
    const lengthOf = (n: number, t: number): number => {
      const feature = features[n] ?? -1;
      let sum = 0;
      for (let c = 0; c < x.cols; c++) {
        const own = at(written, n * T + t, c) - at(written, features.length * T + t, c);
        sum += (own * at(model.W_dec, feature, c)) / norm(model.W_dec, feature);
      }
      return sum;
    };
    const some = ordinary.includes(1);
    const unit = mean(
      Array.from({ length: T }, (_, t) => norm(x, t)).filter((_, t) => !some || ordinary[t] === 1),
    );
    const moves = build(T, features.length, (t, n) => {
      const own = at(raw, t, features[n] ?? -1);
      let changed = own;
      let steered = 0;
      for (const { feature, mode, value = 0, positions } of edits) {
        if (feature !== features[n] || !holdsAt(positions, t)) continue;
        if (mode === "ablate") changed = 0;
        else if (mode === "clamp") changed = value;
        else if (mode === "scale") changed *= value;
        else steered += value;
      }
      return (changed - own) * lengthOf(n, t) + steered * unit;
    });
    const along = (direction: (n: number, c: number) => number): Matrix =>
      run(
        layer,
        build(T, x.cols, (t, c) =>
          features.reduce((sum, _, n) => sum + at(moves, t, n) * direction(n, c), at(x, t, c)),
        ),
      ).logits;
    edited = along((n, c) => {
      const feature = features[n] ?? -1;
      return at(model.W_dec, feature, c) / norm(model.W_dec, feature);
    });
    const next = randomSource(how.seed);
    controls = Array.from({ length: how.count }, () => {
      const rows = randomDirections(next, features.length, x.cols);
      return effectOf(along((n, c) => rows[n * x.cols + c] ?? NaN));
    });
  }

  function compute(value: Value): number[][] {
    const stream = (of: "clean" | "spliced" | "edited" | "zeroed"): Matrix =>
      of === "edited" ? edited : side("sae")[of];
    switch (value.of) {
      case "l0": {
        const { raw } = side(value.sae);
        return [rows(raw, (t) => row(raw, t).filter((f) => f > 0).length)];
      }
      case "squaredError": {
        const { x, xHat } = side(value.sae);
        return [rows(x, (t) => squaredError(x, xHat, t))];
      }
      case "feature": {
        const { raw, norms } = side(value.sae);
        const factor = value.units === "folded" ? (norms[value.feature] ?? NaN) : 1;
        return [rows(raw, (t) => at(raw, t, value.feature) * factor)];
      }
      case "metric":
        return [[metrics(side(value.sae), ids, counted)[value.metric]]];
      case "ce":
        return [crossEntropy(stream(value.stream), ids)];
      case "deltaCe": {
        const before = crossEntropy(side("sae").clean, ids);
        return [crossEntropy(edited, ids).map((ce, t) => ce - (before[t] ?? NaN))];
      }
      case "kl":
        return [kl(side("sae").clean, stream(value.stream))];
      case "effect":
        return [[effectOf(edited)]];
      case "controls":
        return [controls];
      case "z": {
        const m = mean(controls);
        const squares = controls.reduce((sum, one) => sum + (one - m) ** 2, 0);
        return [[(effectOf(edited) - m) / Math.sqrt(squares / (controls.length - 1))]];
      }
      case "next":
        return top(softmax(row(stream(value.stream), value.position)), 20);
      case "lens":
        return top(lens(value.feature, value.finalNorm), 10, value.end === "bottom");
      case "neighbours": {
        const { W_dec } = side("sae").model;
        const cosines = rows(W_dec, (i) =>
          i === value.feature ? -2 : cosine(W_dec, value.feature, W_dec, i),
        );
        return top(cosines, 10);
      }
      case "tokenLogits": {
        const { W_dec } = side("sae").model;
        const { embedding, finalGain } = open();
        const gain = value.finalNorm ? finalGain : null;
        return top(
          rows(W_dec, (i) => logit(W_dec, i, embedding, value.id, gain)),
          10,
        );
      }
      case "matches":
        return matches(side(value.sae), side(value.sae === "sae" ? "other" : "sae"));
    }
  }

  function lens(feature: number, finalNorm: boolean): number[] {
    const { embedding, finalGain } = open();
    const { W_dec } = side("sae").model;
    const gain = finalNorm ? finalGain : null;
    return rows(embedding, (id) => logit(W_dec, feature, embedding, id, gain));
  }

  function matches(a: Side, b: Side): number[][] {
    const sums = Array.from({ length: a.raw.cols }, (_, i) =>
      ordinary.reduce((sum, is, t) => sum + is * at(a.raw, t, i) * (a.norms[i] ?? NaN), 0),
    );
    const [features = []] = top(sums, Math.min(128, sums.filter((sum) => sum > 0).length));
    const found = features.map((i) =>
      top(
        rows(b.model.W_dec, (j) => cosine(a.model.W_dec, i, b.model.W_dec, j)),
        1,
      ),
    );
    return [features, found.map(([id]) => id?.[0] ?? NaN), found.map(([, c]) => c?.[0] ?? NaN)];
  }

  for (const step of steps) {
    switch (step.step) {
      case "note":
        break;
      case "model":
        if (!world.x) {
          gemma = await PlainGemma.load(world.folder(step.files), step.gelu, step.rounding);
        }
        break;
      case "gelu":
        open().gelu = step.gelu;
        break;
      case "sae": {
        const folder = world.folder(step.files);
        const model = await SaeLensModel.load(folder, step);
        if (step.factor !== null) model.fold(step.factor);
        const norms = step.norms === "decoder" ? model.norms() : model.norms().map(() => 1);
        const scaling = step.scaled ? ((await world.scaling?.(folder)) ?? []) : [];
        const empty = { x: NONE, clean: NONE, raw: NONE, xHat: NONE, spliced: NONE, zeroed: NONE };
        sides.set(step.sae, { model, norms, scaling, ...empty });
        break;
      }
      case "tokens":
        ({ ids, counted, ordinary } = step);
        break;
      case "encode":
        encode(step);
        break;
      case "splice": {
        const one = side(step.sae);
        const spliced = build(one.x.rows, one.x.cols, (t, c) =>
          at(counted[t] === 1 ? one.xHat : one.x, t, c),
        );
        one.spliced = run(step.layer, spliced).logits;
        break;
      }
      case "zero": {
        const one = side(step.sae);
        one.zeroed = run(
          step.layer,
          build(one.x.rows, one.x.cols, () => 0),
        ).logits;
        break;
      }
      case "edit":
        edit(step);
        break;
      case "print":
        printed.set(step.label, compute(step.value));
    }
  }
  return printed;
}

const rows = (m: Matrix, value: (row: number) => number): number[] =>
  Array.from({ length: m.rows }, (_, t) => value(t));
const row = (m: Matrix, t: number): number[] =>
  Array.from({ length: m.cols }, (_, c) => at(m, t, c));
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const masked = (values: readonly number[], mask: readonly number[]): number[] =>
  values.filter((_, t) => mask[t] === 1);

function squaredError(x: Matrix, y: Matrix, t: number): number {
  let sum = 0;
  for (let c = 0; c < x.cols; c++) sum += (at(x, t, c) - at(y, t, c)) ** 2;
  return sum;
}

function dot(a: Matrix, i: number, b: Matrix, j: number): number {
  let sum = 0;
  for (let c = 0; c < a.cols; c++) sum += at(a, i, c) * at(b, j, c);
  return sum;
}

/** 0 where a row has no direction. */
function cosine(a: Matrix, i: number, b: Matrix, j: number): number {
  const size = norm(a, i) * norm(b, j);
  return size > 0 ? dot(a, i, b, j) / size : 0;
}

/** Ŵ_dec,i (⊙ gain) · E[id]. */
function logit(W_dec: Matrix, i: number, E: Matrix, id: number, gain: Matrix | null): number {
  if (gain === null) return dot(W_dec, i, E, id) / norm(W_dec, i);
  const scaled = linear(
    build(1, E.cols, (_, c) => at(W_dec, i, c) * at(gain, 0, c)),
    build(1, E.cols, (_, c) => at(E, id, c)),
  );
  return at(scaled, 0, 0) / norm(W_dec, i);
}

/** Ids and values of the n largest, or smallest; ties by id. */
function top(values: readonly number[], n: number, smallest = false): number[][] {
  const sign = smallest ? -1 : 1;
  const ids = [...values.keys()]
    .toSorted((a, b) => sign * ((values[b] ?? NaN) - (values[a] ?? NaN)) || a - b)
    .slice(0, n);
  return [ids, ids.map((id) => values[id] ?? NaN)];
}

const logSumExp = (logits: readonly number[]): number => {
  const high = Math.max(...logits);
  return high + Math.log(logits.reduce((sum, value) => sum + Math.exp(value - high), 0));
};

/** Of each next token, [T − 1]. */
function crossEntropy(logits: Matrix, ids: readonly number[]): number[] {
  return ids.slice(1).map((id, t) => logSumExp(row(logits, t)) - at(logits, t, id));
}

/** KL(a ‖ b) by token. */
function kl(a: Matrix, b: Matrix): number[] {
  return rows(a, (t) => {
    const [p, q] = [row(a, t), row(b, t)];
    const [zp, zq] = [logSumExp(p), logSumExp(q)];
    return p.reduce(
      (sum, value, i) => sum + Math.exp(value - zp) * (value - zp - ((q[i] ?? NaN) - zq)),
      0,
    );
  });
}

/** Every metric over the positions of the mask, by its definition. */
function metrics(
  { x, xHat, raw, clean, spliced, zeroed }: Side,
  ids: readonly number[],
  counted: readonly number[],
): Record<(Value & { of: "metric" })["metric"], number> {
  const on = [...counted.keys()].filter((t) => counted[t] === 1);
  const over = (value: (t: number) => number): number => mean(on.map(value));
  const middle = Array.from({ length: x.cols }, (_, c) => over((t) => at(x, t, c)));
  const around = (t: number): number =>
    middle.reduce((sum, value, c) => sum + (at(x, t, c) - value) ** 2, 0);
  const ce = (logits: Matrix): number =>
    mean(crossEntropy(logits, ids).filter((_, t) => counted[t] === 1));
  const [ceClean, ceSae, ceZero] = [ce(clean), ce(spliced), ce(zeroed)];
  const [klSae, klZero] = [spliced, zeroed].map((logits) =>
    mean(masked(kl(clean, logits), counted)),
  );
  const mse = over((t) => squaredError(x, xHat, t));
  const [k, z] = [klSae ?? NaN, klZero ?? NaN];
  return {
    l0: over((t) => row(raw, t).filter((f) => f > 0).length),
    mse,
    explainedVarianceLegacy: over((t) => 1 - squaredError(x, xHat, t) / around(t)),
    explainedVariance: 1 - mse / over(around),
    cosine: over((t) => cosine(x, t, xHat, t)),
    l2Ratio: over((t) => norm(xHat, t) / norm(x, t)),
    relativeReconstructionBias:
      over((t) => dot(xHat, t, xHat, t)) / over((t) => dot(x, t, xHat, t)),
    ceClean,
    ceSae,
    ceZero,
    ceScore: (ceZero - ceSae) / (ceZero - ceClean),
    kl: k,
    klZero: z,
    klScore: (z - k) / z,
  };
}
