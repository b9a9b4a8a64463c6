// Names and shapes of Gemma's tensors, as Hugging Face's GemmaForCausalLM saves them (docs/formats.md §1), and what they add
// up to. Reads nothing.

import type { Wanted } from "../formats/load.ts";
import type { GemmaConfig } from "./config.ts";

/** Where a file has an output head of its own. */
export const HEAD_NAME = "lm_head.weight";

export type MatrixName = "q" | "k" | "v" | "o" | "gate" | "up" | "down";
export type GainName = "inputGain" | "postAttentionGain";

interface BlockTensors {
  readonly matrices: Record<MatrixName, Wanted>;
  readonly vectors: Record<GainName, Wanted>;
}

export function blockTensors(config: GemmaConfig, index: number): BlockTensors {
  const { dModel, dMlp, heads, kvHeads, headDim } = config;
  const at = (module: string, ...shape: number[]): Wanted => ({
    name: `model.layers.${index}.${module}.weight`,
    shape,
  });
  return {
    matrices: {
      q: at("self_attn.q_proj", heads * headDim, dModel),
      k: at("self_attn.k_proj", kvHeads * headDim, dModel),
      v: at("self_attn.v_proj", kvHeads * headDim, dModel),
      o: at("self_attn.o_proj", dModel, heads * headDim),
      gate: at("mlp.gate_proj", dMlp, dModel),
      up: at("mlp.up_proj", dMlp, dModel),
      down: at("mlp.down_proj", dModel, dMlp),
    },
    vectors: {
      inputGain: at("input_layernorm", dModel),
      postAttentionGain: at("post_attention_layernorm", dModel),
    },
  };
}

export const embeddingTensor = ({ vocab, dModel }: GemmaConfig): Wanted => ({
  name: "model.embed_tokens.weight",
  shape: [vocab, dModel],
});

/** The output head: the embedding again where it is tied. */
export const unembeddingTensor = (config: GemmaConfig): Wanted =>
  config.tied ? embeddingTensor(config) : { name: HEAD_NAME, shape: [config.vocab, config.dModel] };

export const finalNormTensor = ({ dModel }: GemmaConfig): Wanted => ({
  name: "model.norm.weight",
  shape: [dModel],
});

const elements = (tensors: readonly Wanted[]): number =>
  tensors.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0);

/** Elements of one block's tensors. */
export function blockElements(config: GemmaConfig): number {
  const { matrices, vectors } = blockTensors(config, 0);
  return elements([...Object.values(matrices), ...Object.values(vectors)]);
}

/** Of the whole model; the tied embedding counts once. */
export const parameterCount = (config: GemmaConfig): number =>
  config.layers * blockElements(config) +
  elements([embeddingTensor(config), finalNormTensor(config)]) +
  (config.tied ? 0 : elements([unembeddingTensor(config)]));
