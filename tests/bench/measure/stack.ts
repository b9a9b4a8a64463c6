// gemma-2b's blocks 0 to n − 1 and an SAE behind them, of the benchmark's numbers: whole jobs at full width. All blocks
// have the weights of one, which lie on the device once; what is computed and read in a forward is the same.

import type { Backend, Features, Tensor, Weight } from "../../../src/backend/backend.ts";
import type { TensorSet } from "../../../src/formats/shards.ts";
import type { Precision } from "../../../src/lib/report.ts";
import { type GemmaConfig, parseGemmaConfig } from "../../../src/model/config.ts";
import { runBlocks } from "../../../src/model/forward.ts";
import { type BlockWeights, GemmaWeights } from "../../../src/model/weights.ts";
import { SEEDS } from "./contender.ts";
import { ENCODER_BIAS, GEMMA_2B, type Stack } from "./operations.ts";
import { values, weightAmplitude } from "./values.ts";

/** Seeds of a block's matrices, by name. */
export const BLOCK_SEEDS = { q: 21, k: 22, v: 23, o: 24, gate: 25, up: 26, down: 27 } as const;
export type BlockMatrix = keyof typeof BLOCK_SEEDS;
/** The stream grows by some 0.7 of variance a block; W_enc is smaller by that, so that L0 stays what it should be. */
export const streamDeviation = (blocks: number): number => Math.sqrt(1 + 0.7 * blocks);

const { dModel, dMlp, heads, kvHeads, headDim, dSae } = GEMMA_2B;

/** [out, in] of a block's matrices. */
export const BLOCK_SHAPES: Readonly<Record<BlockMatrix, readonly [number, number]>> = {
  q: [heads * headDim, dModel],
  k: [kvHeads * headDim, dModel],
  v: [kvHeads * headDim, dModel],
  o: [dModel, heads * headDim],
  gate: [dMlp, dModel],
  up: [dMlp, dModel],
  down: [dModel, dMlp],
};

const CONFIG: GemmaConfig = parseGemmaConfig(
  new TextEncoder().encode(
    JSON.stringify({
      model_type: "gemma",
      hidden_size: dModel,
      intermediate_size: dMlp,
      num_attention_heads: heads,
      num_key_value_heads: kvHeads,
      head_dim: headDim,
      num_hidden_layers: 18,
      vocab_size: 256_000,
      rms_norm_eps: GEMMA_2B.eps,
      rope_theta: GEMMA_2B.theta,
      hidden_activation: "gelu_pytorch_tanh",
    }),
  ),
);

/** Nothing is read: the one block is there. */
const NO_TENSORS: TensorSet = {
  names: [],
  has: () => false,
  get: (name) => Promise.reject(new Error(`${name} was asked for`)),
};

class SameBlocks extends GemmaWeights {
  readonly #block: BlockWeights;

  constructor(backend: Backend, block: BlockWeights) {
    super(backend, CONFIG, NO_TENSORS);
    this.#block = block;
  }

  override block(): Promise<BlockWeights> {
    return Promise.resolve(this.#block);
  }
}

type MakeWeight = (
  seed: number,
  shape: readonly [number, number],
  keep: Precision,
  amplitude: number,
) => Weight;

/** Puts the weights on the device; what is returned runs the forward and the encoder. */
export function stackRun(
  backend: Backend,
  { blocks, T }: Stack,
  format: Precision,
  weight: MakeWeight,
  tensor: (data: Float32Array, rows: number, cols: number) => Tensor,
): (x: Tensor) => Promise<Features> {
  const matrix = (name: BlockMatrix): Weight => {
    const shape = BLOCK_SHAPES[name];
    return weight(BLOCK_SEEDS[name], shape, format, weightAmplitude(shape[1]));
  };
  const gain = (): Tensor =>
    tensor(
      values(SEEDS.gain, 0, dModel, 0.5).map((value) => 1 + value),
      1,
      dModel,
    );
  const weights = new SameBlocks(backend, {
    q: matrix("q"),
    k: matrix("k"),
    v: matrix("v"),
    o: matrix("o"),
    gate: matrix("gate"),
    up: matrix("up"),
    down: matrix("down"),
    inputGain: gain(),
    postAttentionGain: gain(),
  });
  const amplitude = weightAmplitude(dModel) / streamDeviation(blocks);
  const affine = new Float32Array(4 * dSae).fill(ENCODER_BIAS, 0, dSae);
  affine.fill(1, 2 * dSae, 3 * dSae).fill(ENCODER_BIAS, 3 * dSae);
  const encoder = {
    W_enc: weight(SEEDS.weight, [dModel, dSae], "f32", amplitude),
    affine: tensor(affine, 4, dSae),
    k: null,
  };
  const gemma = { backend, config: CONFIG, weights, activation: "tanh" as const };
  return async (x) => {
    const stream = await runBlocks(gemma, x, [T], 0, blocks, {});
    const features = await backend.encode(stream, encoder);
    stream.dispose();
    return features;
  };
}
