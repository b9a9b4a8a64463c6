// One SaeConfig from the cfg.json of any year of SAELens (docs/formats.md §4.1). Reads no tensors.
// A key that is missing means what SAELens takes it to mean; a value not understood is an error that names its key, unless
// nothing is computed from it: then it is as good as missing.

import { FacetError } from "../lib/errors.ts";
import { layer, type Layer } from "../lib/ids.ts";
import { parseJsonObject, show, type JsonObject } from "../lib/json.ts";
import type { Architecture } from "../lib/report.ts";
import { Fields } from "./fields.ts";

const NORMALIZATIONS = [
  "none",
  "expected_average_only_in",
  "constant_norm_rescale",
  "layer_norm",
] as const;
type Normalization = (typeof NORMALIZATIONS)[number];

/** By SAELens' major versions: dump of the training run, flat file, file with its origin under `metadata`. */
type SaeEra = "1-2" | "3-5" | "6";

export interface SaeConfig {
  readonly architecture: Architecture;
  readonly dIn: number;
  readonly dSae: number;
  /** As TransformerLens names it: blocks.6.hook_resid_post. */
  readonly hook: string;
  readonly layer: Layer;
  readonly activationFn: "relu" | "topk";
  /** Features kept per token; of topk only. */
  readonly k: number | null;
  readonly applyBDecToInput: boolean;
  readonly normalizeActivations: Normalization;
  readonly finetuningScalingFactor: boolean;
  /** Of topk only. */
  readonly rescaleActsByDecoderNorm: boolean;
  readonly prependBos: boolean;
  /** Of the training run. The tensors' own types stand in their file. */
  readonly dtype: string;
  readonly contextSize: number | null;
  readonly neuronpediaId: string | null;
  readonly modelName: string | null;
  readonly trainingTokens: number | null;
  readonly saeLensVersion: string | null;
  readonly era: SaeEra;
  /** The file as it stands, training keys too. */
  readonly raw: JsonObject;
}

/** Batch top-k and matryoshka SAEs are saved with the threshold that replaces them at inference. */
const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  standard: "standard",
  gated: "gated",
  jumprelu: "jumprelu",
  topk: "topk",
  batchtopk: "jumprelu",
  matryoshka: "jumprelu",
  matryoshka_batchtopk: "jumprelu",
};

/** SAELens' own table of types. */
const DTYPES = ["float32", "float64", "float16", "bfloat16"];

/** Shorter ones have no room for a token behind BOS. */
const LEAST_CONTEXT = 2;

const isText = (value: unknown): value is string => typeof value === "string";
const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const isContext = (value: unknown): value is number => isCount(value) && value >= LEAST_CONTEXT;

/** Far beyond any SAE; a number over it is a mistake, or a trap. */
const MAX_D_IN = 1 << 16;
const MAX_D_SAE = 1 << 24;

export function parseSaeConfig(bytes: Uint8Array, name = "cfg.json"): SaeConfig {
  const raw = parseJsonObject(bytes, name);
  const metadata = new Fields(name, raw).object("metadata");
  const fields = new Fields(name, raw, { metadata: metadata ?? {} });

  const dIn = parseWidth(fields, "d_in", MAX_D_IN);
  const dSae = parseWidth(fields, "d_sae", MAX_D_SAE);
  const architecture = parseArchitecture(fields);
  refuseReshaping(fields);
  return {
    architecture,
    dIn,
    dSae,
    ...parseHook(fields, name),
    activationFn: architecture === "topk" ? "topk" : "relu",
    k: architecture === "topk" ? parseK(fields, name, dSae) : null,
    applyBDecToInput: fields.boolean("apply_b_dec_to_input") ?? true,
    normalizeActivations: parseNormalization(fields),
    finetuningScalingFactor: fields.boolean("finetuning_scaling_factor") ?? false,
    rescaleActsByDecoderNorm:
      (fields.boolean("rescale_acts_by_decoder_norm") ?? false) && architecture === "topk",
    prependBos: fields.boolean("prepend_bos") ?? true,
    dtype: parseDtype(fields),
    contextSize: fields.told(isContext, "context_size"),
    neuronpediaId: fields.told(isText, "neuronpedia_id"),
    modelName: fields.told(isText, "model_name"),
    trainingTokens: fields.told(isCount, "training_tokens"),
    saeLensVersion: fields.told(isText, "sae_lens_version", "sae_lens_training_version"),
    era: metadata !== null ? "6" : fields.find("hook_point") !== null ? "1-2" : "3-5",
    raw,
  };
}

function parseWidth(fields: Fields, key: string, most: number): number {
  const width = fields.required(fields.integer(1, most, key), key);
  // Kernels read matrices in rows of four.
  if (width % 4 !== 0) throw fields.unsupported({ key, value: width }, "multiples of 4");
  return width;
}

/** `activation_fn: topk` on a standard SAE is how 3.x–5.x wrote top-k. */
function parseArchitecture(fields: Fields): Architecture {
  const stated = fields.find("architecture");
  const named = fields.string("architecture") ?? "standard";
  const architecture = Object.hasOwn(ARCHITECTURES, named) ? ARCHITECTURES[named] : undefined;
  if (architecture === undefined) {
    throw fields.unsupported(
      { key: "architecture", value: named },
      Object.keys(ARCHITECTURES).join(", "),
    );
  }
  const activation = fields.find("activation_fn", "activation_fn_str");
  const activationFn = fields.string("activation_fn", "activation_fn_str") ?? "relu";
  if (activation === null) return architecture;
  if (activationFn === "relu") {
    // SAELens 5 would run ReLU, and 6 top-k.
    if (stated !== null && architecture === "topk") throw fields.contradiction(stated, activation);
    return architecture;
  }
  if (activationFn !== "topk") throw fields.unsupported(activation, "relu and topk");
  if (architecture !== "standard" && architecture !== "topk") {
    throw fields.unsupported(activation, `no top-k on an SAE of architecture ${named}`);
  }
  return "topk";
}

function parseK(fields: Fields, name: string, dSae: number): number {
  const kwargs = fields.object("activation_fn_kwargs") ?? {};
  const own = fields.find("k");
  const inner = new Fields(name, {}, { activation_fn_kwargs: kwargs });
  const nested = inner.find("k");
  const k = fields.integer(1, dSae, "k") ?? inner.integer(1, dSae, "k");
  if (own !== null && nested !== null && own.value !== nested.value) {
    throw fields.contradiction(own, nested);
  }
  return fields.required(k, "k (or activation_fn_kwargs.k), which a top-k SAE needs,");
}

function parseNormalization(fields: Fields): Normalization {
  const found = fields.find("normalize_activations");
  if (found === null || found.value === false) return "none";
  if (found.value === true) return "expected_average_only_in";
  if (typeof found.value !== "string") throw fields.malformed(found, "true, false or a name");
  const normalization = NORMALIZATIONS.find((known) => known === found.value);
  if (normalization === undefined) throw fields.unsupported(found, NORMALIZATIONS.join(", "));
  return normalization;
}

function parseDtype(fields: Fields): string {
  const dtype = (fields.told(isText, "dtype") ?? "float32").replace(/^torch\./, "");
  if (!DTYPES.includes(dtype))
    throw fields.unsupported({ key: "dtype", value: dtype }, DTYPES.join(", "));
  return dtype;
}

/** Only whole residual streams are read: no single attention head, no reshaped activations. */
function refuseReshaping(fields: Fields): void {
  const head = fields.find("hook_head_index", "hook_point_head_index");
  if (head !== null)
    throw fields.unsupported(head, "SAEs on whole residual streams, where it is null");
  const reshape = fields.find("reshape_activations");
  if (reshape !== null && reshape.value !== "none") throw fields.unsupported(reshape, '"none"');
}

function parseHook(fields: Fields, name: string): { hook: string; layer: Layer } {
  const hook = fields.required(
    fields.string("hook_name", "hook_point"),
    "hook_name (or hook_point)",
  );
  const number = /^blocks\.(0|[1-9]\d{0,3})\.hook_resid_post$/.exec(hook)?.[1];
  if (number === undefined) {
    throw fields.unsupported({ key: "hook_name", value: hook }, "blocks.N.hook_resid_post");
  }
  const stated = fields.integer(0, 9999, "hook_layer", "hook_point_layer");
  if (stated !== null && stated !== Number(number)) {
    throw new FacetError(
      "Format",
      `Reading ${name}: the hook is ${show(hook)}, but its layer is said to be ${stated}. One of the two is wrong.`,
    );
  }
  checkModule(fields, hook, Number(number));
  return { hook, layer: layer(Number(number)) };
}

/** SAELens may name the same point as Hugging Face does: the output of model.layers.N. */
function checkModule(fields: Fields, hook: string, block: number): void {
  const module = fields.find("hf_hook_name");
  if (module === null || typeof module.value !== "string") return;
  const [, number, rest] = /^(?:model\.)?layers\.(\d+)(.*)$/.exec(module.value) ?? [];
  if (number === undefined) return;
  if (Number(number) !== block || (rest !== "" && rest !== ".output")) {
    throw fields.contradiction({ key: "hook_name", value: hook }, module);
  }
}
