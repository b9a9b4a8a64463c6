// TensorFlow.js' WebGPU backend in the operations' benchmark. Matrix products are its own matMul on whole matrices, as
// one would write it by hand: by the weights as models store them or as tf.layers keeps them, whichever is right and faster.
// The rest is what Facet composes of its operations (src/backend/tfjs).

import {
  type Tensor2D,
  fused,
  matMul,
  mul,
  tensor2d,
  tidy,
  transpose,
} from "@tensorflow/tfjs-core";
import { tfjsWebgpu } from "./tfjsWebgpu.ts";
import { gelu } from "../../../src/backend/tfjs/gelu.ts";
import { prepared } from "./backendContender.ts";
import { type Contender, type Prepared, SEEDS } from "./contender.ts";
import { assertRight } from "./expected.ts";
import { type Encode, ENCODER_BIAS, type GatedMlp, type Linear } from "./operations.ts";
import { recipe } from "./recipes.ts";
import { INPUT_AMPLITUDE, values, weightAmplitude } from "./values.ts";

/** Inputs of the runs that choose. */
const TRIAL_SEED = 20_000;

export async function tfjs(gpu: GPU): Promise<Contender> {
  const backend = await tfjsWebgpu(gpu);
  const done = (): Promise<void> => backend.checkpoint();
  return {
    adapter: backend.adapter,
    backend,
    async prepare(operation, format) {
      switch (operation.kind) {
        case "linear":
        case "gatedMlp":
          return faster(operation, [
            product(operation, "rows", done),
            product(operation, "columns", done),
          ]);
        case "encode":
          return product(operation, "rows", done);
        case "decode":
          return null; // it has no sparse one
        case "attention":
        case "stack":
        case "rmsNorm":
        case "loss":
          return prepared(backend, recipe(backend, operation, format), done);
      }
    },
  };
}

/** Which of them is right, and then faster. Where none is right, the first: whoever times it will say what is wrong. */
async function faster(operation: Linear | GatedMlp, ways: readonly Prepared[]): Promise<Prepared> {
  let best: { way: Prepared; ms: number } | null = null;
  for (const way of ways) {
    const ms = await rightIn(operation, way);
    if (ms !== null && (best === null || ms < best.ms)) best = { way, ms };
  }
  const taken = best?.way ?? ways[0];
  if (taken === undefined) throw new Error("no way to multiply was given");
  for (const way of ways) if (way !== taken) way.dispose();
  return taken;
}

/** Milliseconds of the second run; null where the first one computed something else. */
async function rightIn(operation: Linear | GatedMlp, way: Prepared): Promise<number | null> {
  way.input(TRIAL_SEED);
  await way.run();
  try {
    assertRight(operation, "f32", TRIAL_SEED, await way.output());
  } catch {
    return null;
  }
  const start = performance.now();
  await way.run();
  await way.done();
  return performance.now() - start;
}

/**
 * By `rows`: W [N, K] as models store it, transposed as it is read; an encoder's is [K, N] and read as it is. By
 * `columns`: W as [K, N] too, as tf.layers keeps it.
 */
function product(
  operation: Linear | GatedMlp | Encode,
  by: "rows" | "columns",
  done: () => Promise<void>,
): Prepared {
  const { T, K, N } = operation;
  const stored = (seed: number, rows: number, cols: number): Tensor2D =>
    tensor2d(values(seed, 0, rows * cols, weightAmplitude(K)), [rows, cols]);
  const transposed = operation.kind !== "encode" && by === "rows";
  const matrix = (seed: number): Tensor2D => {
    if (operation.kind === "encode") return stored(seed, K, N);
    return by === "rows" ? stored(seed, N, K) : tidy(() => transpose(stored(seed, N, K)));
  };
  const W = matrix(SEEDS.weight);
  const up = operation.kind === "gatedMlp" ? matrix(SEEDS.second) : null;
  const bias = tensor2d(new Float32Array(N).fill(ENCODER_BIAS), [1, N]);
  let x: Tensor2D | null = null;
  let result: Tensor2D | null = null;
  const times = (input: Tensor2D, weights: Tensor2D): Tensor2D =>
    matMul(input, weights, false, transposed);
  const compute = (input: Tensor2D): Tensor2D => {
    if (up !== null) return mul(gelu(times(input, W), "tanh"), times(input, up));
    if (operation.kind !== "encode") return times(input, W);
    return fused.matMul({
      a: input,
      b: W,
      transposeA: false,
      transposeB: false,
      bias,
      activation: "relu",
    }) as Tensor2D;
  };
  return {
    input(seed) {
      x?.dispose();
      x = tensor2d(values(seed, 0, T * K, INPUT_AMPLITUDE), [T, K]);
    },
    run() {
      const input = x;
      if (input === null) throw new Error("an operation was given no input");
      const next = tidy(() => compute(input));
      result?.dispose();
      result = next;
    },
    done,
    async output() {
      if (result === null) throw new Error("an operation was not run");
      return result.data<"float32">();
    },
    dispose() {
      for (const held of [W, up, bias, x, result]) held?.dispose();
    },
  };
}
