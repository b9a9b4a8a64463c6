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
  /** A generation ends at any of them. */
  readonly eosIds: readonly number[];
  /** null where there is none. */
  readonly padId: number | null;
  /** null where the file names none; Gemma's tokenizer does. */
  readonly unkId: number | null;
  /** What the file asks for; a switch of the model afterwards. */
  readonly activation: GeluKind;
  /** The unembedding is the embedding. */
  readonly tied: boolean;
  /** For the reader: what the file says in two ways, and which of them counts. */
  readonly notices: readonly string[];
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
/** Shorter ones have no room for a token behind BOS. */
const LEAST_CONTEXT = 2;

export function parseGemmaConfig(bytes: Uint8Array, name = "config.json"): GemmaConfig {
  const fields = new Fields(name, parseJsonObject(bytes, name));
  refuseOtherModels(fields);

  const vocab = fields.integer(1, MOST.vocab, "vocab_size") ?? 256000;
  const dModel = fields.integer(1, MOST.width, "hidden_size") ?? 3072;
  const dMlp = fields.integer(1, MOST.mlp, "intermediate_size") ?? 24576;
  const heads = fields.integer(1, MOST.heads, "num_attention_heads") ?? 16;
  const kvHeads = fields.integer(1, MOST.heads, "num_key_value_heads") ?? 16;
  const headDim = fields.integer(1, MOST.headDim, "head_dim") ?? 256;
  // Rotary embedding rotates pairs; kernels read matrices in rows of four.
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
  const { ropeTheta, notices } = parseRopeTheta(fields, name);
  return {
    modelType: "gemma",
    dModel,
    layers: fields.integer(1, MOST.layers, "num_hidden_layers") ?? 28,
    heads,
    kvHeads,
    headDim,
    dMlp,
    vocab,
    context: fields.integer(LEAST_CONTEXT, MOST_CONTEXT, "max_position_embeddings") ?? 8192,
    eps: fields.positive("rms_norm_eps") ?? 1e-6,
    ropeTheta,
    bosId: fields.integer(0, vocab - 1, "bos_token_id") ?? 2,
    eosIds: parseTokenIds(fields, "eos_token_id", vocab) ?? [1],
    padId: (parseTokenIds(fields, "pad_token_id", vocab) ?? [0])[0] ?? null,
    unkId: (parseTokenIds(fields, "unk_token_id", vocab) ?? [])[0] ?? null,
    activation: parseActivation(fields),
    tied: fields.boolean("tie_word_embeddings") ?? true,
    notices,
  };
}

/** The same for an embedding of `rows` rows: ids without one stand for no token. */
export function withRows(config: GemmaConfig, rows: number, name = "config.json"): GemmaConfig {
  if (config.bosId >= rows) {
    throw new FacetError(
      "Format",
      `Reading ${name}: bos_token_id is ${config.bosId}, but the embedding has ${rows} rows. The folder mixes files of two models.`,
    );
  }
  if (rows > MOST.vocab) {
    throw new FacetError(
      "Unsupported",
      `Opening a model: its embedding has ${rows} rows, more than the ${MOST.vocab} that Facet reads.`,
    );
  }
  const known = (id: number | null): number | null => (id !== null && id < rows ? id : null);
  return {
    ...config,
    vocab: rows,
    eosIds: config.eosIds.filter((id) => id < rows),
    padId: known(config.padId),
    unkId: known(config.unkId),
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
  const quantized = fields.find("quantization_config");
  if (quantized !== null)
    throw fields.unsupported(quantized, "weights in F32, F16 or BF16, without it");
}

/**
 * One id or a list of them; null where the key is missing. An id that no token of the vocabulary has stands for no token:
 * −1 says that there is none, and a token may have been added to a tokenizer alone.
 */
function parseTokenIds(fields: Fields, key: string, vocab: number): readonly number[] | null {
  const found = fields.find(key);
  if (found === null) return null;
  const ids: readonly unknown[] = Array.isArray(found.value) ? found.value : [found.value];
  return ids
    .map((id) => {
      if (typeof id === "number" && Number.isSafeInteger(id)) return id;
      throw fields.malformed({ key, value: id }, "a whole number or a list of them");
    })
    .filter((id) => id >= 0 && id < vocab);
}

/**
 * The base of the rotary embedding. It stood at the top (`rope_theta`) until transformers 5, which reads it from
 * `rope_parameters` and the one at the top only where there is none. Positions are as they are, not rescaled.
 */
function parseRopeTheta(fields: Fields, name: string): { ropeTheta: number; notices: string[] } {
  const thetas = ["rope_scaling", "rope_parameters"].flatMap((key) => {
    const rope = new Fields(name, {}, { [key]: fields.object(key) ?? {} });
    const scaled = rope.all("rope_type", "type").find(({ value }) => value !== "default");
    if (scaled) throw fields.unsupported(scaled, '"default"');
    const value = rope.positive("rope_theta");
    return value === null ? [] : [{ key: `${key}.rope_theta`, value }];
  });
  const [inner, second] = thetas;
  if (inner && second && inner.value !== second.value) throw fields.contradiction(inner, second);
  const outer = fields.positive("rope_theta");
  // With a rope_scaling beside it, transformers 5 does not read rope_parameters at all.
  if (inner && outer !== null && inner.value !== outer && fields.find("rope_scaling") !== null) {
    throw fields.contradiction({ key: "rope_theta", value: outer }, inner);
  }
  const notices =
    inner && outer !== null && inner.value !== outer
      ? [
          `The model's ${name} has rope_theta ${outer} and ${inner.key} ${inner.value}: the model runs with ${inner.value}, as in transformers 5.`,
        ]
      : [];
  return { ropeTheta: inner?.value ?? outer ?? 10000, notices };
}

/**
 * Gemma's first files say `hidden_act: "gelu"`, but the model was trained with the tanh version: Hugging Face
 * runs that one unless the later key `hidden_activation` says otherwise. That key is not read by transformers 5.
 */
function parseActivation(fields: Fields): GeluKind {
  const [old, later] = [fields.find("hidden_act"), fields.find("hidden_activation")];
  if (old && later && old.value !== "gelu" && old.value !== later.value) {
    throw fields.contradiction(old, later);
  }
  const found = later ?? old;
  if (found === null || found.value === "gelu_pytorch_tanh") return "tanh";
  if (found.value === "gelu") return found.key === "hidden_act" ? "tanh" : "erf";
  throw fields.unsupported(found, '"gelu" and "gelu_pytorch_tanh"');
}

function requireMultiple(fields: Fields, key: string, value: number, factor: number): void {
  if (value % factor !== 0) throw fields.unsupported({ key, value }, `multiples of ${factor}`);
}
