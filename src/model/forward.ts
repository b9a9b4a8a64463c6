// Gemma's forward pass, written once on the backend interface (docs/maths.md §1). Splicing, metrics and hooks are elsewhere:
// whoever wants the stream at a hook stops after that block and goes on from it.

import type { AttentionHeads, Backend, Tensor } from "../backend/backend.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { GeluKind } from "../lib/report.ts";
import type { GemmaConfig } from "./config.ts";
import type { BlockWeights, GemmaWeights } from "./weights.ts";

export interface Gemma {
  readonly backend: Backend;
  readonly config: GemmaConfig;
  readonly weights: GemmaWeights;
  readonly activation: GeluKind;
}

/** Token ids of one or more contexts laid end to end; `contexts` holds their lengths. */
export interface Batch {
  readonly ids: Uint32Array;
  readonly contexts: readonly number[];
}

/** x0 = E[token]·sqrt(d_model), factor in fp32: [T, d_model]. */
export function embed(
  { weights, config }: Gemma,
  batch: Batch,
  options: JobOptions,
): Promise<Tensor> {
  return weights.embed(batch.ids, Math.fround(Math.sqrt(config.dModel)), options);
}

/** The stream before block `from` → the stream after block `to − 1`. `x` stays the caller's. */
export function runBlocks(
  gemma: Gemma,
  x: Tensor,
  contexts: readonly number[],
  from: number,
  to: number,
  options: JobOptions,
): Promise<Tensor> {
  const spec = { ...headsOf(gemma.config), contexts };
  const attend: Attend = (_, q, k, v) => gemma.backend.attention(q, k, v, spec);
  return runBlocksWith(gemma, x, attend, from, to, options);
}

/** Attention of a block: q [T, heads·headDim], k and v [T, kvHeads·headDim] → [T, heads·headDim]. */
export type Attend = (block: number, q: Tensor, k: Tensor, v: Tensor) => Tensor;

/** `runBlocks` with the attention that is given. */
export async function runBlocksWith(
  gemma: Gemma,
  x: Tensor,
  attend: Attend,
  from: number,
  to: number,
  options: JobOptions,
): Promise<Tensor> {
  let stream = x;
  try {
    for (let i = from; i < to; i++) {
      const weights = await gemma.weights.block(i, options);
      const next = block(gemma, weights, stream, (q, k, v) => attend(i, q, k, v));
      if (stream !== x) stream.dispose();
      stream = next;
      if (i + 1 < to) gemma.weights.prefetch(i + 1, options);
      await gemma.backend.checkpoint(options.signal);
      gemma.weights.release(i);
    }
  } catch (error) {
    if (stream !== x) stream.dispose();
    for (let i = from; i < to; i++) gemma.weights.release(i);
    throw error;
  }
  return stream === x ? gemma.backend.sliceRows(x, 0, x.rows) : stream;
}

export const headsOf = (config: GemmaConfig): AttentionHeads => ({
  heads: config.heads,
  kvHeads: config.kvHeads,
  headDim: config.headDim,
  theta: config.ropeTheta,
});

function block(
  gemma: Gemma,
  w: BlockWeights,
  x: Tensor,
  attend: (q: Tensor, k: Tensor, v: Tensor) => Tensor,
): Tensor {
  const { backend, config } = gemma;
  const n = backend.rmsNorm(x, w.inputGain, config.eps);
  // [T, heads·headDim], and twice [T, kvHeads·headDim]
  const [q, k, v] = backend.linears(n, [w.q, w.k, w.v]);
  const mixed = attend(q, k, v);
  const h = backend.linear(mixed, w.o, x); // residual add
  const m = backend.rmsNorm(h, w.postAttentionGain, config.eps);
  const gated = backend.gatedMlp(m, w.gate, w.up, gemma.activation); // [T, d_mlp]
  const out = backend.linear(gated, w.down, h);
  for (const used of [n, q, k, v, mixed, h, m, gated]) used.dispose();
  return out;
}

/** RMS(x, w_final): what the unembedding reads. `x` stays the caller's. */
export async function finalNorm(gemma: Gemma, x: Tensor, options: JobOptions): Promise<Tensor> {
  const gain = await gemma.weights.finalGain(options);
  return gemma.backend.rmsNorm(x, gain, gemma.config.eps);
}
