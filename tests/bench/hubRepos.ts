// What the benchmark's test hub serves: gemma-2b at full size with its SAE, and a model and an SAE of next to no weights
// that have gemma-2b's tokenizer, to tell what the tokenizer takes by itself.

import { memoryFile, type ServedFile } from "../hub/repos.ts";
import { startTestHub, type TestHub } from "../hub/server.ts";
import { syntheticFile } from "../hub/syntheticFile.ts";
import {
  SYNTHETIC_MODEL_REPO,
  SYNTHETIC_SAE_FOLDER,
  SYNTHETIC_SAE_REPO,
  syntheticGemma,
  syntheticSae,
} from "../hub/syntheticGemma.ts";
import type { SyntheticTensor } from "../hub/syntheticTensors.ts";

export const FULL = {
  model: "gemma-2b",
  sae: `${SYNTHETIC_SAE_REPO}/${SYNTHETIC_SAE_FOLDER}`,
};
export const WORDS = { model: "bench/words", sae: "bench/words-sae" };

const WIDTH = 16;

export const startHub = (): Promise<TestHub> =>
  startTestHub({
    repos: {
      [SYNTHETIC_MODEL_REPO]: { files: syntheticGemma() },
      [SYNTHETIC_SAE_REPO]: { files: syntheticSae() },
      [WORDS.model]: { files: words() },
      [WORDS.sae]: { files: wordsSae() },
    },
  });

function words(): ServedFile[] {
  const files = syntheticGemma();
  const kept = files.filter(({ path }) => path.startsWith("tokenizer"));
  const layer = "model.layers.0";
  const tensors = [
    tensor("model.embed_tokens.weight", [256_000, WIDTH]),
    tensor(`${layer}.input_layernorm.weight`, [WIDTH]),
    tensor(`${layer}.mlp.down_proj.weight`, [WIDTH, WIDTH]),
    tensor(`${layer}.mlp.gate_proj.weight`, [WIDTH, WIDTH]),
    tensor(`${layer}.mlp.up_proj.weight`, [WIDTH, WIDTH]),
    tensor(`${layer}.post_attention_layernorm.weight`, [WIDTH]),
    ...["k", "o", "q", "v"].map((name) =>
      tensor(`${layer}.self_attn.${name}_proj.weight`, [WIDTH, WIDTH]),
    ),
    tensor("model.norm.weight", [WIDTH]),
  ];
  const config = {
    model_type: "gemma",
    hidden_size: WIDTH,
    intermediate_size: WIDTH,
    num_hidden_layers: 1,
    num_attention_heads: 1,
    num_key_value_heads: 1,
    head_dim: WIDTH,
    vocab_size: 256_000,
  };
  return [json("config.json", config), syntheticFile("model.safetensors", tensors), ...kept];
}

function wordsSae(): ServedFile[] {
  const tensors = [
    tensor("W_dec", [WIDTH, WIDTH], "F32"),
    tensor("W_enc", [WIDTH, WIDTH], "F32"),
    tensor("b_dec", [WIDTH], "F32"),
    tensor("b_enc", [WIDTH], "F32"),
  ];
  const config = {
    hook_point: "blocks.0.hook_resid_post",
    hook_point_layer: 0,
    d_in: WIDTH,
    d_sae: WIDTH,
    dtype: "float32",
  };
  return [json("cfg.json", config), syntheticFile("sae_weights.safetensors", tensors)];
}

const tensor = (
  name: string,
  shape: number[],
  dtype: SyntheticTensor["dtype"] = "BF16",
): SyntheticTensor => ({
  name,
  shape,
  dtype,
  mean: 0,
  std: 0.1,
  seed: name.length,
});

const json = (path: string, value: unknown): ServedFile =>
  memoryFile(path, new TextEncoder().encode(JSON.stringify(value)));
