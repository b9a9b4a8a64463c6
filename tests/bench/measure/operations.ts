// What is timed, as data: each operation of a forward and of an SAE at gemma-2b's shapes, with the operations and bytes
// that it cannot do without. Who computes it, and how, is in the contenders.

import type { Precision } from "../../../src/lib/report.ts";

/** gemma-2b and its SAEs. */
export const GEMMA_2B = {
  dModel: 2048,
  dMlp: 16384,
  heads: 8,
  kvHeads: 1,
  headDim: 256,
  theta: 10000,
  dSae: 16384,
  eps: 1e-6,
} as const;

/** Active features of a token: what the published SAEs have. */
export const L0 = 60;
/** Pre-activations have variance 1: that many of d_sae lie above 2.68, as a normal distribution has it. */
export const ENCODER_BIAS = -2.682;
/** Rows of the unembedding that make one tile of the loss. */
export const LOSS_TILE = 4096;

interface Shape {
  /** Stands in the table. */
  readonly name: string;
  /** Rows: tokens. */
  readonly T: number;
}
/** x·Wᵀ, W [N, K] */
export interface Linear extends Shape {
  readonly kind: "linear";
  readonly K: number;
  readonly N: number;
}
/** gelu(x·Gateᵀ) ⊙ (x·Upᵀ), both [N, K] */
export interface GatedMlp extends Shape {
  readonly kind: "gatedMlp";
  readonly K: number;
  readonly N: number;
}
/** ReLU(x·W_enc + b_enc), W_enc [K, N]. Ours compacts the active ones; the peers leave them dense. */
export interface Encode extends Shape {
  readonly kind: "encode";
  readonly K: number;
  readonly N: number;
}
/** f·W_dec + b_dec, W_dec [K, N], f with L0 active features a row. */
export interface Decode extends Shape {
  readonly kind: "decode";
  readonly K: number;
  readonly N: number;
}
/** Rotary causal attention over one context of T. */
export interface Attention extends Shape {
  readonly kind: "attention";
}
export interface RmsNorm extends Shape {
  readonly kind: "rmsNorm";
}
/** Log-sum-exp, target and mean of the logits over one tile of the vocabulary. */
export interface Loss extends Shape {
  readonly kind: "loss";
}
/** gemma-2b's first blocks, and the encoder behind them. */
export interface Stack extends Shape {
  readonly kind: "stack";
  readonly blocks: number;
}
export type Operation = Linear | GatedMlp | Encode | Decode | Attention | RmsNorm | Loss | Stack;

/** Up to so many rows a matrix is taken whole; beyond, the peers would not finish: 1024 of its columns. */
const WHOLE_ROWS = 16;
const SLICE = 1024;

const { dModel, dMlp, heads, kvHeads, headDim, dSae } = GEMMA_2B;

/** The operations for T tokens. */
export function operationsAt(T: number): Operation[] {
  const columns = (N: number): number => (T <= WHOLE_ROWS ? N : Math.min(N, SLICE));
  return [
    { kind: "linear", name: "q/o", T, K: dModel, N: columns(heads * headDim) },
    { kind: "linear", name: "k/v", T, K: dModel, N: columns(kvHeads * headDim) },
    { kind: "gatedMlp", name: "gate/up", T, K: dModel, N: columns(dMlp) },
    { kind: "linear", name: "down", T, K: dMlp, N: columns(dModel) },
    { kind: "encode", name: "encode", T, K: dModel, N: columns(dSae) },
    { kind: "decode", name: "decode", T, K: dSae, N: dModel },
    { kind: "attention", name: "attention", T },
    { kind: "rmsNorm", name: "rms norm", T },
    { kind: "loss", name: "loss tile", T },
  ];
}

/** Blocks 0 to 6, for the SAE at layer 6; and one alone, which the peers can hold. */
export const stackAt = (T: number, blocks: number): Stack => ({
  kind: "stack",
  name: blocks === 1 ? "block + encode" : `${blocks} blocks + encode`,
  T,
  blocks,
});

/** What the bars compare, in turns: the encoder, the bare product of its shape, and the sparse decoder. */
export function barsAt(T: number): readonly [Encode, Linear, Decode] {
  return [
    { kind: "encode", name: "encode", T, K: dModel, N: dSae },
    { kind: "linear", name: "bare product", T, K: dModel, N: dSae },
    { kind: "decode", name: "decode", T, K: dSae, N: dModel },
  ];
}

/** Formats that the operation's weights may have; f32 where it reads none. The peers compute in f32. */
export function formatsOf({ kind }: Operation): readonly Precision[] {
  switch (kind) {
    case "linear":
    case "gatedMlp":
      return ["bf16", "f32", "int8", "int4"];
    case "loss":
    case "stack":
      return ["bf16"];
    case "encode":
    case "decode":
    case "attention":
    case "rmsNorm":
      return ["f32"];
  }
}

/** Stored bytes of a weight; int8 and int4 share one f32 scale among 64 and 32 (src/lib/quantize.ts). */
const WEIGHT_BYTES: Readonly<Record<Precision, number>> = {
  f32: 4,
  bf16: 2,
  f16: 2,
  int8: 1 + 4 / 64,
  int4: 0.5 + 4 / 32,
};

/** What no implementation can do without: multiplications and additions, and bytes read or written once. */
export function work(operation: Operation, format: Precision): { flops: number; bytes: number } {
  const { T } = operation;
  const rows = (cols: number): number => 4 * T * cols;
  switch (operation.kind) {
    case "linear": {
      const { K, N } = operation;
      return { flops: 2 * T * K * N, bytes: K * N * WEIGHT_BYTES[format] + rows(K + N) };
    }
    case "gatedMlp": {
      const { K, N } = operation;
      return { flops: 4 * T * K * N, bytes: 2 * K * N * WEIGHT_BYTES[format] + rows(K + N) };
    }
    case "encode": {
      const { K, N } = operation;
      const active = (T * L0 * N) / dSae;
      return { flops: 2 * T * K * N, bytes: K * N * 4 + rows(K) + 8 * active };
    }
    case "decode": {
      const { K, N } = operation;
      const touched = Math.min(K, T * L0);
      return { flops: 2 * T * L0 * N, bytes: touched * N * 4 + 8 * T * L0 + rows(N) };
    }
    case "attention": {
      // Half of T² scores, each a product over headDim; the values as many again.
      const flops = 2 * heads * headDim * T * (T + 1);
      return { flops, bytes: rows(2 * heads * headDim + 2 * kvHeads * headDim) };
    }
    case "stack": {
      const parameters = dModel * headDim * (2 * heads + 2 * kvHeads) + 3 * dModel * dMlp;
      const mixing = work({ kind: "attention", name: "attention", T }, "f32").flops;
      const encoder = work({ kind: "encode", name: "encode", T, K: dModel, N: dSae }, "f32");
      return {
        flops: operation.blocks * (2 * T * parameters + mixing) + encoder.flops,
        // Activations are nothing beside the weights.
        bytes: operation.blocks * parameters * WEIGHT_BYTES[format] + encoder.bytes,
      };
    }
    case "rmsNorm":
      return { flops: 4 * T * dModel, bytes: rows(2 * dModel) };
    case "loss":
      return {
        flops: 4 * T * dModel * LOSS_TILE,
        bytes: dModel * LOSS_TILE * WEIGHT_BYTES[format] + rows(2 * dModel),
      };
  }
}
