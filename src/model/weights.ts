// Gemma's weights on a backend, loaded piece by piece: a job that needs blocks 0…L reads blocks 0…L and no more.
// Names and shapes are those of Hugging Face's GemmaForCausalLM (maths.md §1).

import type { Backend, Tensor, Weight } from "../backend/backend.ts";
import { load, type Wanted } from "../formats/load.ts";
import type { TensorSet } from "../formats/shards.ts";
import { type Layer, layer } from "../lib/ids.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { Precision } from "../lib/report.ts";
import type { GemmaConfig } from "./config.ts";

type MatrixName = "q" | "k" | "v" | "o" | "gate" | "up" | "down";
type GainName = "inputGain" | "postAttentionGain";

/**
 * q [heads·headDim, d_model], k and v [kvHeads·headDim, d_model], o [d_model, heads·headDim];
 * gate and up [d_mlp, d_model], down [d_model, d_mlp]; gains [1, d_model] hold 1 + w.
 */
export type BlockWeights = Readonly<Record<MatrixName, Weight> & Record<GainName, Tensor>>;

export class GemmaWeights {
  readonly #backend: Backend;
  readonly #config: GemmaConfig;
  readonly #tensors: TensorSet;
  readonly #blocks = new Map<Layer, BlockWeights>();
  #embedding: Weight | null = null;
  #final: { gain: Tensor; weight: Float32Array } | null = null;

  constructor(backend: Backend, config: GemmaConfig, tensors: TensorSet) {
    this.#backend = backend;
    this.#config = config;
    this.#tensors = tensors;
  }

  async block(index: Layer, options: JobOptions): Promise<BlockWeights> {
    const known = this.#blocks.get(index);
    if (known) return known;
    const { matrices, vectors } = await load(
      this.#tensors,
      blockTensors(this.#config, index),
      (spec) => this.#backend.weight(spec),
      options,
    );
    const block = {
      ...matrices,
      inputGain: this.#gain(vectors.inputGain),
      postAttentionGain: this.#gain(vectors.postAttentionGain),
    };
    this.#blocks.set(index, block);
    return block;
  }

  /** [V, d_model], tied: embedding and unembedding. */
  async embedding(options: JobOptions): Promise<Weight> {
    if (this.#embedding) return this.#embedding;
    const { vocab, dModel } = this.#config;
    const E = { name: "model.embed_tokens.weight", shape: [vocab, dModel] };
    const { matrices } = await load(
      this.#tensors,
      { matrices: { E }, vectors: {} },
      (spec) => this.#backend.weight(spec),
      options,
    );
    this.#embedding = matrices.E;
    return matrices.E;
  }

  /** [1, d_model]: 1 + w_final. */
  async finalGain(options: JobOptions): Promise<Tensor> {
    return (await this.#finalNorm(options)).gain;
  }

  /** w_final, without the 1: [d_model]. */
  async finalNormWeight(options: JobOptions): Promise<Float32Array> {
    return (await this.#finalNorm(options)).weight;
  }

  async #finalNorm(options: JobOptions): Promise<{ gain: Tensor; weight: Float32Array }> {
    if (this.#final) return this.#final;
    const w = { name: "model.norm.weight", shape: [this.#config.dModel] };
    const { vectors } = await load(
      this.#tensors,
      { matrices: {}, vectors: { w } },
      (spec) => this.#backend.weight(spec),
      options,
    );
    this.#final = { gain: this.#gain(vectors.w), weight: vectors.w };
    return this.#final;
  }

  /** The format the matrices are kept in. Known once something was loaded. */
  get precision(): Precision {
    const block = this.#blocks.values().next();
    const format = block.done ? this.#embedding?.format : block.value.q.format;
    if (format === undefined) throw new Error("No weights were loaded yet.");
    return format;
  }

  /** Of the whole model, as its configuration has it. */
  parameters(): number {
    const size = ({ shape }: Wanted): number => shape.reduce((product, n) => product * n, 1);
    const { matrices, vectors } = blockTensors(this.#config, layer(0));
    const block = [...Object.values(matrices), ...Object.values(vectors)].reduce(
      (sum, tensor) => sum + size(tensor),
      0,
    );
    const { layers, vocab, dModel } = this.#config;
    return layers * block + vocab * dModel + dModel;
  }

  dispose(): void {
    for (const block of this.#blocks.values()) {
      for (const held of Object.values(block)) held.dispose();
    }
    this.#blocks.clear();
    this.#embedding?.dispose();
    this.#embedding = null;
    this.#final?.gain.dispose();
    this.#final = null;
  }

  #gain(w: Float32Array): Tensor {
    return this.#backend.tensor(
      w.map((value) => 1 + value),
      1,
      w.length,
    );
  }
}

function blockTensors(config: GemmaConfig, index: Layer) {
  const { dModel, dMlp, heads, kvHeads, headDim } = config;
  const at = (module: string, ...shape: number[]) => ({
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
