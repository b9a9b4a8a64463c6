// The operations on Facet's backend interface: which weights they need, which inputs, and which call they are.

import type { Backend, Features, Tensor, Weight } from "../../../src/backend/backend.ts";
import { f32Bytes } from "../../../src/lib/dtype.ts";
import type { Precision } from "../../../src/lib/report.ts";
import { featureAt, INPUT_SEEDS, SEEDS, targetAt } from "./contender.ts";
import { ENCODER_BIAS, GEMMA_2B, L0, LOSS_TILE, type Operation } from "./operations.ts";
import { stackRun } from "./stack.ts";
import { bf16Bytes, INPUT_AMPLITUDE, values, weightAmplitude } from "./values.ts";

/** What `run` reads: tensors, or the features of `decode`. */
export interface Inputs {
  readonly tensors: readonly Tensor[];
  readonly features: Features | null;
}

export interface Recipe {
  inputs(seed: number): Inputs;
  run(inputs: Inputs): Tensor | Promise<Features>;
  dispose(): void;
}

/** Elements of a weight that are made at a time. */
const PIECE = 2 ** 20;

/** A matrix of the benchmark's numbers on a backend. */
export function benchWeight(
  backend: Backend,
  seed: number,
  [rows, cols]: readonly [number, number],
  keep: Precision,
  amplitude: number,
): Weight {
  const format = keep === "f32" ? "f32" : "bf16";
  const writer = backend.weight({ label: "a benchmark's weight", rows, cols, format, keep });
  for (let start = 0; start < rows * cols; start += PIECE) {
    const piece = values(seed, start, Math.min(PIECE, rows * cols - start), amplitude);
    writer.write(format === "f32" ? f32Bytes(piece) : bf16Bytes(piece));
  }
  return writer.finish();
}

const { dModel, heads, kvHeads, headDim, theta, eps } = GEMMA_2B;

/** Uploads the operation's weights. */
export function recipe(backend: Backend, operation: Operation, format: Precision): Recipe {
  const { T } = operation;
  const held: (Tensor | Weight)[] = [];
  const tensor = (data: Float32Array, rows: number, cols: number): Tensor => {
    const made = backend.tensor(data, rows, cols);
    held.push(made);
    return made;
  };
  const weight = (seed: number, rows: number, cols: number, fanIn: number): Weight => {
    const made = benchWeight(backend, seed, [rows, cols], format, weightAmplitude(fanIn));
    held.push(made);
    return made;
  };
  const input = (seed: number, cols: number): Tensor =>
    backend.tensor(values(seed, 0, T * cols, INPUT_AMPLITUDE), T, cols);
  /** Inputs of so many columns each, and what is made of them. */
  const made = (
    cols: readonly number[],
    run: (given: readonly Tensor[]) => Tensor | Promise<Features>,
  ): Recipe => ({
    inputs: (seed) => ({
      tensors: cols.map((width, i) => input(seed + i * INPUT_SEEDS.second, width)),
      features: null,
    }),
    run: ({ tensors }) => run(tensors),
    dispose() {
      for (const one of held) one.dispose();
    },
  });

  switch (operation.kind) {
    case "linear": {
      const W = weight(SEEDS.weight, operation.N, operation.K, operation.K);
      return made([operation.K], (given) => backend.linear(at(given, 0), W));
    }
    case "gatedMlp": {
      const { K, N } = operation;
      const gate = weight(SEEDS.weight, N, K, K);
      const up = weight(SEEDS.second, N, K, K);
      return made([K], (given) => backend.gatedMlp(at(given, 0), gate, up, "tanh"));
    }
    case "encode": {
      const { K, N } = operation;
      const W_enc = weight(SEEDS.weight, K, N, K);
      const affine = new Float32Array(4 * N).fill(ENCODER_BIAS, 0, N);
      affine.fill(1, 2 * N, 3 * N).fill(ENCODER_BIAS, 3 * N);
      const encoder = { W_enc, affine: tensor(affine, 4, N), k: null };
      return made([K], (given) => backend.encode(at(given, 0), encoder));
    }
    case "decode": {
      const { K, N } = operation;
      const W_dec = weight(SEEDS.weight, K, N, L0);
      const b_dec = tensor(new Float32Array(N), 1, N);
      // As it comes from no normalisation: times 1, plus 0.
      const undo = tensor(
        Float32Array.from({ length: 2 * T }, (_, i) => 1 - (i % 2)),
        T,
        2,
      );
      return {
        ...made([], () => undo),
        inputs: (seed) => ({ tensors: [], features: activeFeatures(backend, seed, T, K) }),
        run({ features }) {
          if (features === null) throw new Error("decode was given no features");
          return backend.decode(features, { W_dec, b_dec, featureScale: null }, undo);
        },
      };
    }
    case "attention": {
      const spec = { heads, kvHeads, headDim, theta, contexts: [T] };
      const [q, kv] = [heads * headDim, kvHeads * headDim];
      return made([q, kv, kv], (given) =>
        backend.attention(at(given, 0), at(given, 1), at(given, 2), spec),
      );
    }
    case "rmsNorm": {
      const gain = tensor(
        values(SEEDS.gain, 0, dModel, 0.5).map((value) => 1 + value),
        1,
        dModel,
      );
      return made([dModel], (given) => backend.rmsNorm(at(given, 0), gain, eps));
    }
    case "stack": {
      const run = stackRun(
        backend,
        operation,
        format,
        (seed, shape, keep, amplitude) => {
          const W = benchWeight(backend, seed, shape, keep, amplitude);
          held.push(W);
          return W;
        },
        tensor,
      );
      return made([dModel], (given) => run(at(given, 0)));
    }
    case "loss": {
      const E = weight(SEEDS.weight, LOSS_TILE, dModel, dModel);
      const targets = Uint32Array.from({ length: T }, (_, t) => targetAt(t, LOSS_TILE));
      return made([dModel, dModel], (given) =>
        backend.logitStats(at(given, 0), E, targets, at(given, 1)),
      );
    }
  }
}

function at(tensors: readonly Tensor[], i: number): Tensor {
  const tensor = tensors[i];
  if (tensor === undefined) throw new RangeError(`input ${i} of ${tensors.length}`);
  return tensor;
}

function activeFeatures(backend: Backend, seed: number, T: number, K: number): Features {
  return backend.features({
    rowStart: Uint32Array.from({ length: T + 1 }, (_, t) => t * L0),
    index: Uint32Array.from({ length: T * L0 }, (_, i) =>
      featureAt(Math.floor(i / L0), i % L0, K, L0),
    ),
    value: values(seed, 0, T * L0, INPUT_AMPLITUDE).map(Math.abs),
  });
}
