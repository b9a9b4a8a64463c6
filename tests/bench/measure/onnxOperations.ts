// The operations as ONNX graphs, as an exporter writes them: weights as constants, [K, N] for MatMul. RMS norm and GELU
// are ONNX Runtime's own fused operators.

import { SEEDS, targetAt } from "./contender.ts";
import {
  type Encode,
  ENCODER_BIAS,
  GEMMA_2B,
  type GatedMlp,
  type Linear,
  LOSS_TILE,
  type Operation,
  type Stack,
} from "./operations.ts";
import { OnnxGraph } from "./onnx.ts";
import { BLOCK_SEEDS, BLOCK_SHAPES, type BlockMatrix, streamDeviation } from "./stack.ts";
import { values, weightAmplitude } from "./values.ts";

export interface OperationGraph {
  readonly model: Uint8Array<ArrayBuffer>;
  /** Columns of each input, in order of their names x0, x1, …; T rows each. */
  readonly inputs: readonly number[];
  /** Columns of the output y. */
  readonly cols: number;
}

const { dModel, heads, kvHeads, headDim, dSae, eps } = GEMMA_2B;

/** null where the operation is not one for a dense graph. */
export function operationGraph(operation: Operation): OperationGraph | null {
  switch (operation.kind) {
    case "linear":
    case "gatedMlp":
    case "encode":
      return product(operation);
    case "decode":
      return null;
    case "rmsNorm":
      return graph([dModel], dModel, operation.T, (g, [x = ""]) => {
        const gain = values(SEEDS.gain, 0, dModel, 0.5).map((value) => 1 + value);
        return rmsNorm(g, x, gain, eps);
      });
    case "attention": {
      const [q, kv] = [heads * headDim, kvHeads * headDim];
      return graph([q, kv, kv], q, operation.T, (g, [a = "", b = "", c = ""]) =>
        attention(g, a, b, c, operation.T, GEMMA_2B),
      );
    }
    case "loss":
      return loss(operation.T);
    case "stack":
      return stack(operation);
  }
}

function graph(
  inputs: readonly number[],
  cols: number,
  T: number,
  build: (g: OnnxGraph, inputs: readonly string[]) => string,
): OperationGraph {
  const g = new OnnxGraph();
  const names = inputs.map((width, i) => g.input(`x${i}`, [T, width]));
  g.output(build(g, names), "y");
  return { model: g.encode(), inputs, cols };
}

function product(operation: Linear | GatedMlp | Encode): OperationGraph {
  const { T, K, N } = operation;
  return graph([K], N, T, (g, [x = ""]) => {
    const times = (seed: number): string => {
      const W = values(seed, 0, K * N, weightAmplitude(K));
      return g.node("MatMul", [
        x,
        g.floats(operation.kind === "encode" ? W : transposed(W, N, K), [K, N]),
      ]);
    };
    const first = times(SEEDS.weight);
    if (operation.kind === "linear") return first;
    if (operation.kind === "gatedMlp") {
      const gate = g.node("Gelu", [first], { approximate: "tanh" });
      return g.node("Mul", [gate, times(SEEDS.second)]);
    }
    const bias = g.floats(new Float32Array(N).fill(ENCODER_BIAS), [N]);
    return g.node("Relu", [g.node("Add", [first, bias])]);
  });
}

/** [rows, cols] → [cols, rows], in tiles that fit a cache. */
export function transposed(x: Float32Array, rows: number, cols: number): Float32Array {
  const out = new Float32Array(x.length);
  const TILE = 32;
  for (let r0 = 0; r0 < rows; r0 += TILE) {
    for (let c0 = 0; c0 < cols; c0 += TILE) {
      for (let r = r0; r < Math.min(rows, r0 + TILE); r++) {
        for (let c = c0; c < Math.min(cols, c0 + TILE); c++)
          out[c * rows + r] = x[r * cols + c] ?? NaN;
      }
    }
  }
  return out;
}

/** gain [d]. */
export function rmsNorm(g: OnnxGraph, x: string, gain: Float32Array, epsilon: number): string {
  return g.node("SimplifiedLayerNormalization", [x, g.floats(gain, [gain.length])], {
    axis: -1,
    epsilon: { float: epsilon },
  });
}

interface AttentionShape {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly theta: number;
}

/** q [T, heads·headDim], k and v [T, kvHeads·headDim] → [T, heads·headDim]; one context. */
export function attention(
  g: OnnxGraph,
  q: string,
  k: string,
  v: string,
  T: number,
  shape: AttentionShape,
): string {
  const heads4 = (x: string, count: number): string =>
    g.node("Transpose", [g.node("Reshape", [x, g.ints([1, T, count, shape.headDim])])], {
      perm: [0, 2, 1, 3],
    });
  const { cos, sin } = ropeTables(T, shape);
  const rotated = (x: string): string =>
    g.node("RotaryEmbedding", [x, positions, cosTable, sinTable], {}, "com.microsoft");
  const dims = [T, shape.headDim / 2];
  const [cosTable, sinTable] = [g.floats(cos, dims), g.floats(sin, dims)];
  const positions = g.node("Reshape", [
    g.ints(Array.from({ length: T }, (_, t) => t)),
    g.ints([1, T]),
  ]);
  // All query heads of a key/value head are rows of one product.
  const grouped = (x: string): string =>
    g.node("Reshape", [
      x,
      g.ints([shape.kvHeads, (shape.heads / shape.kvHeads) * T, shape.headDim]),
    ]);
  const flat = (x: string): string =>
    g.node("Reshape", [x, g.ints([shape.kvHeads, T, shape.headDim])]);
  const keys = g.node("Transpose", [flat(rotated(heads4(k, shape.kvHeads)))], { perm: [0, 2, 1] });
  const scores = g.node("MatMul", [grouped(rotated(heads4(q, shape.heads))), keys]);
  const scaled = g.node("Mul", [scores, g.scalar(1 / Math.sqrt(shape.headDim))]);
  const masked = g.node("Add", [
    g.node("Reshape", [scaled, g.ints([shape.heads, T, T])]),
    g.floats(causalMask(T), [1, T, T]),
  ]);
  const p = g.node("Softmax", [masked], { axis: -1 });
  const weights = g.node("Reshape", [
    p,
    g.ints([shape.kvHeads, (shape.heads / shape.kvHeads) * T, T]),
  ]);
  const mixed = g.node("MatMul", [weights, flat(heads4(v, shape.kvHeads))]);
  const back = g.node(
    "Transpose",
    [g.node("Reshape", [mixed, g.ints([shape.heads, T, shape.headDim])])],
    { perm: [1, 0, 2] },
  );
  return g.node("Reshape", [back, g.ints([T, shape.heads * shape.headDim])]);
}

/** [T, headDim / 2] each. */
function ropeTables(
  T: number,
  { headDim: width, theta: base }: AttentionShape,
): { cos: Float32Array; sin: Float32Array } {
  const half = width / 2;
  const angle = (i: number): number => Math.floor(i / half) * base ** (-(i % half) / half);
  const table = (of: (angle: number) => number): Float32Array =>
    Float32Array.from({ length: T * half }, (_, i) => of(angle(i)));
  return { cos: table(Math.cos), sin: table(Math.sin) };
}

/** [T, T]: nothing to what came before, a large negative number to what comes later. */
const causalMask = (T: number): Float32Array =>
  Float32Array.from({ length: T * T }, (_, i) => (i % T > Math.floor(i / T) ? -1e30 : 0));

/** The residual is an output too; the features come dense. */
function stack({ T, blocks }: Stack): OperationGraph {
  return graph([dModel], dSae, T, (g, [x0 = ""]) => {
    // The same for every block.
    const weights = Object.fromEntries(
      Object.entries(BLOCK_SHAPES).map(([name, [N, K]]) => {
        const W = values(BLOCK_SEEDS[name as BlockMatrix], 0, N * K, weightAmplitude(K));
        return [name, g.floats(transposed(W, N, K), [K, N])];
      }),
    ) as Record<BlockMatrix, string>;
    const gain = values(SEEDS.gain, 0, dModel, 0.5).map((value) => 1 + value);
    const times = (input: string, name: BlockMatrix): string =>
      g.node("MatMul", [input, weights[name]]);
    let x = x0;
    for (let i = 0; i < blocks; i++) {
      const n = rmsNorm(g, x, gain, eps);
      const mixed = attention(g, times(n, "q"), times(n, "k"), times(n, "v"), T, GEMMA_2B);
      const h = g.node("Add", [times(mixed, "o"), x]);
      const m = rmsNorm(g, h, gain, eps);
      const gate = g.node("Gelu", [times(m, "gate")], { approximate: "tanh" });
      x = g.node("Add", [times(g.node("Mul", [gate, times(m, "up")]), "down"), h]);
    }
    g.output(x, "residual");
    const amplitude = weightAmplitude(dModel) / streamDeviation(blocks);
    const W_enc = g.floats(values(SEEDS.weight, 0, dModel * dSae, amplitude), [dModel, dSae]);
    const bias = g.floats(new Float32Array(dSae).fill(ENCODER_BIAS), [dSae]);
    return g.node("Relu", [g.node("Add", [g.node("MatMul", [x, W_enc]), bias])]);
  });
}

/** In the order of LOGIT_STATS. */
function loss(T: number): OperationGraph {
  return graph([dModel, dModel], 6, T, (g, [x = "", y = ""]) => {
    const W = values(SEEDS.weight, 0, LOSS_TILE * dModel, weightAmplitude(dModel));
    const E = g.floats(transposed(W, LOSS_TILE, dModel), [dModel, LOSS_TILE]);
    const targets = g.node("Reshape", [
      g.ints(Array.from({ length: T }, (_, t) => targetAt(t, LOSS_TILE))),
      g.ints([T, 1]),
    ]);
    const axis = g.ints([1]);
    const [a, b] = [g.node("MatMul", [x, E]), g.node("MatMul", [y, E])];
    const lse = (logits: string): string =>
      g.node("ReduceLogSumExp", [logits, axis], { keepdims: 1 });
    const target = (logits: string): string =>
      g.node("GatherElements", [logits, targets], { axis: 1 });
    const p = g.node("Softmax", [a], { axis: 1 });
    const mean = (of: string): string =>
      g.node("ReduceSum", [g.node("Mul", [p, of]), axis], { keepdims: 1 });
    return g.node(
      "Concat",
      [lse(a), target(a), mean(a), lse(b), target(b), mean(g.node("Sub", [a, b]))],
      { axis: 1 },
    );
  });
}
