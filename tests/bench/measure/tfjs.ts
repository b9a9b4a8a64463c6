// TensorFlow.js' WebGPU backend in the operations' benchmark. Matrix products are its own matMul on whole matrices, as
// one would write it by hand; the rest is what Facet composes of its operations (src/backend/tfjs).

import { type Tensor2D, fused, matMul, mul, tensor2d, tidy } from "@tensorflow/tfjs-core";
import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import { gelu } from "../../../src/backend/tfjs/gelu.ts";
import { prepared } from "./backendContender.ts";
import { type Contender, type Prepared, SEEDS } from "./contender.ts";
import { type Encode, ENCODER_BIAS, type GatedMlp, type Linear } from "./operations.ts";
import { recipe } from "./recipes.ts";
import { INPUT_AMPLITUDE, values, weightAmplitude } from "./values.ts";

export async function tfjs(gpu: GPU): Promise<Contender> {
  const backend = await createTfjsBackend("tfjs-webgpu", { gpu });
  const done = (): Promise<void> => backend.checkpoint();
  return {
    adapter: backend.adapter,
    backend,
    async prepare(operation, format) {
      switch (operation.kind) {
        case "linear":
        case "gatedMlp":
        case "encode":
          return product(operation, done);
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

function product(operation: Linear | GatedMlp | Encode, done: () => Promise<void>): Prepared {
  const { T, K, N } = operation;
  const matrix = (seed: number, rows: number, cols: number): Tensor2D =>
    tensor2d(values(seed, 0, rows * cols, weightAmplitude(K)), [rows, cols]);
  const [rows, cols] = operation.kind === "encode" ? [K, N] : [N, K];
  const W = matrix(SEEDS.weight, rows, cols);
  const up = operation.kind === "gatedMlp" ? matrix(SEEDS.second, rows, cols) : null;
  const bias = tensor2d(new Float32Array(N).fill(ENCODER_BIAS), [1, N]);
  let x: Tensor2D | null = null;
  let result: Tensor2D | null = null;
  const compute = (input: Tensor2D): Tensor2D => {
    if (up !== null)
      return mul(gelu(matMul(input, W, false, true), "tanh"), matMul(input, up, false, true));
    if (operation.kind !== "encode") return matMul(input, W, false, true);
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
