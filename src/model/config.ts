// Gemma-1's config.json, as Hugging Face's GemmaConfig understands it: the same names and the same defaults.
// What GemmaConfig can say and Facet cannot run is refused by name.

import { Fields } from "../formats/fields.ts";
import { FacetError } from "../lib/errors.ts";
import { parseJsonObject } from "../lib/json.ts";
import type { GeluKind } from "../lib/report.ts";

export interface GemmaConfig {
  readonly modelType: "gemma";
  readonly dModel: number;
  readonly layers: number;
  /** Query heads. */
  readonly heads: number;
  /** Key/value heads, each shared by heads / kvHeads query heads. */
  readonly kvHeads: number;
  /** Need not be dModel / heads. */
  readonly headDim: number;
  readonly dMlp: number;
  readonly vocab: number;
  /** Longest sequence, in tokens. */
  readonly context: number;
  /** Of the RMS norms. */
  readonly eps: number;
  readonly ropeTheta: number;
  readonly bosId: number;
  readonly eosId: number;
  readonly padId: number;
  /** null where the file names none; Gemma's tokenizer does. */
  readonly unkId: number | null;
  /** What the file asks for; a switch of the model afterwards. */
  readonly activation: GeluKind;
  /** The unembedding is the embedding. */
  readonly tied: true;
}

/** Far beyond any model; a number over one of these is a mistake, or a trap. */
const MOST = {
  width: 1 << 16,
  layers: 1 << 10,
  heads: 1 << 10,
  headDim: 1 << 12,
  mlp: 1 << 20,
  vocab: 1 << 24,
};
const MOST_CONTEXT = 1 << 24;

export function parseGemmaConfig(bytes: Uint8Array, name = "config.json"): GemmaConfig {
  const fields = new Fields(name, parseJsonObject(bytes, name));
  refuseOtherModels(fields);

  const vocab = fields.integer(1, MOST.vocab, "vocab_size") ?? 256000;
  const dModel = fields.integer(1, MOST.width, "hidden_size") ?? 3072;
  const dMlp = fields.integer(1, MOST.mlp, "intermediate_size") ?? 24576;
  const heads = fields.integer(1, MOST.heads, "num_attention_heads") ?? 16;
  const kvHeads = fields.integer(1, MOST.heads, "num_key_value_heads") ?? 16;
  const headDim = fields.integer(1, MOST.headDim, "head_dim") ?? 256;
  // Rotary embedding turns pairs; kernels read matrices in rows of four.
  requireMultiple(fields, "head_dim", headDim, 2);
  requireMultiple(fields, "hidden_size", dModel, 4);
  requireMultiple(fields, "intermediate_size", dMlp, 4);
  requireMultiple(fields, "num_attention_heads · head_dim", heads * headDim, 4);
  if (heads % kvHeads !== 0) {
    throw new FacetError(
      "Format",
      `Reading ${name}: num_attention_heads (${heads}) is no multiple of num_key_value_heads (${kvHeads}).`,
    );
  }
  const id = (key: string): number | null => fields.integer(0, vocab - 1, key);
  return {
    modelType: "gemma",
    dModel,
    layers: fields.integer(1, MOST.layers, "num_hidden_layers") ?? 28,
    heads,
    kvHeads,
    headDim,
    dMlp,
    vocab,
    context: fields.integer(1, MOST_CONTEXT, "max_position_embeddings") ?? 8192,
    eps: fields.positive("rms_norm_eps") ?? 1e-6,
    ropeTheta: parseRopeTheta(fields, name),
    bosId: id("bos_token_id") ?? 2,
    eosId: id("eos_token_id") ?? 1,
    padId: id("pad_token_id") ?? 0,
    unkId: id("unk_token_id"),
    activation: parseActivation(fields),
    tied: true,
  };
}

function refuseOtherModels(fields: Fields): void {
  const modelType = fields.required(fields.string("model_type"), "model_type");
  if (modelType !== "gemma") {
    throw fields.unsupported(
      { key: "model_type", value: modelType },
      '"gemma", the first generation',
    );
  }
  const refuse = (key: string, refused: boolean): void => {
    if (fields.boolean(key) === refused) {
      throw fields.unsupported({ key, value: refused }, `models where it is ${!refused}`);
    }
  };
  refuse("attention_bias", true);
  refuse("use_bidirectional_attention", true);
  refuse("tie_word_embeddings", false);
  const quantized = fields.find("quantization_config");
  if (quantized !== null)
    throw fields.unsupported(quantized, "weights in F32, F16 or BF16, without it");
}

/** `rope_theta`, or in newer files `rope_parameters.rope_theta`; positions as they are, not rescaled. */
function parseRopeTheta(fields: Fields, name: string): number {
  for (const key of ["rope_scaling", "rope_parameters"]) {
    const rope = new Fields(name, fields.object(key) ?? {});
    const type = rope.find("rope_type", "type");
    if (type !== null && type.value !== "default") {
      throw fields.unsupported({ key: `${key}.${type.key}`, value: type.value }, '"default"');
    }
  }
  const parameters = new Fields(name, fields.object("rope_parameters") ?? {});
  return fields.positive("rope_theta") ?? parameters.positive("rope_theta") ?? 10000;
}

/**
 * Gemma's first files say `hidden_act: "gelu"`, but the model was trained with the tanh version: Hugging Face
 * runs that one unless the later key `hidden_activation` says otherwise.
 */
function parseActivation(fields: Fields): GeluKind {
  const found = fields.find("hidden_activation") ?? fields.find("hidden_act");
  if (found === null || found.value === "gelu_pytorch_tanh") return "tanh";
  if (found.value === "gelu") return found.key === "hidden_act" ? "tanh" : "erf";
  throw fields.unsupported(found, '"gelu" and "gelu_pytorch_tanh"');
}

function requireMultiple(fields: Fields, key: string, value: number, factor: number): void {
  if (value % factor !== 0) throw fields.unsupported({ key, value }, `multiples of ${factor}`);
}
