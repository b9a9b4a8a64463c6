// Every cfg.json among the fixtures, the years of SAELens by example, and what is refused by name.

import { readdir } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { parseSaeConfig, type SaeConfig } from "../../../src/formats/saeConfig.ts";
import { facetError } from "./facetError.ts";
import { bytesOf, jsonBytes, readFixture } from "./files.ts";

const GOLDENS = "tests/fixtures/goldens/sae";
const DEMO = "public/demo/sae";

/** What a file comes to where it says nothing else. */
const DEFAULTS: Omit<SaeConfig, "raw"> = {
  architecture: "standard",
  dIn: 48,
  dSae: 200,
  hook: "blocks.1.hook_resid_post",
  layer: 1 as SaeConfig["layer"],
  activationFn: "relu",
  k: null,
  applyBDecToInput: true,
  normalizeActivations: "none",
  finetuningScalingFactor: false,
  rescaleActsByDecoderNorm: false,
  prependBos: true,
  dtype: "float32",
  contextSize: null,
  neuronpediaId: null,
  modelName: "tiny",
  trainingTokens: null,
  saeLensVersion: null,
  era: "1-2",
};
const V1 = { era: "1-2", trainingTokens: 1 } as const;
const V3 = { era: "3-5", saeLensVersion: "3.9.0" } as const;
const V6 = { era: "6", saeLensVersion: "6.18.0" } as const;

const EXPECTED: Record<string, Partial<SaeConfig>> = {
  gated: { ...V6, architecture: "gated" },
  jumprelu: { ...V6, architecture: "jumprelu", applyBDecToInput: false },
  "standard-2024-run-dump": { ...V1, applyBDecToInput: false },
  "standard-constant-norm": { ...V3, normalizeActivations: "constant_norm_rescale" },
  "standard-defaults": V1,
  "standard-expected-average": {
    ...V1,
    applyBDecToInput: false,
    normalizeActivations: "expected_average_only_in",
  },
  "standard-layer-norm": { ...V6, applyBDecToInput: false, normalizeActivations: "layer_norm" },
  "standard-scaling-factor": { ...V3, finetuningScalingFactor: true },
  "topk-rescaled": {
    ...V6,
    architecture: "topk",
    activationFn: "topk",
    k: 7,
    rescaleActsByDecoderNorm: true,
  },
  "topk-v5": { ...V3, architecture: "topk", activationFn: "topk", k: 9 },
};

const demo = (over: Partial<SaeConfig>): Partial<SaeConfig> => ({
  dIn: 128,
  dSae: 1024,
  applyBDecToInput: false,
  contextSize: 256,
  modelName: "facet-demo",
  trainingTokens: 4710400,
  saeLensVersion: "2.1.3",
  ...over,
});
const at = (block: number): Partial<SaeConfig> => ({
  hook: `blocks.${block}.hook_resid_post`,
  layer: block as SaeConfig["layer"],
});

const EXPECTED_DEMO: Record<string, Partial<SaeConfig>> = {
  "blocks.0.hook_resid_post": demo(at(0)),
  "blocks.3.hook_resid_post_fast_lr": demo({ ...at(3), dSae: 2048, trainingTokens: 3891200 }),
  "blocks.3.hook_resid_post_topk": demo({
    ...at(3),
    ...V6,
    architecture: "topk",
    activationFn: "topk",
    k: 24,
    applyBDecToInput: true,
  }),
  "blocks.5.hook_resid_post": demo(at(5)),
};

describe.each([
  [GOLDENS, EXPECTED],
  [DEMO, EXPECTED_DEMO],
])("%s", (folder, expected) => {
  test("every SAE has its expectation", async () => {
    const names = await readdir(new URL(`../../../${folder}/`, import.meta.url));
    expect(names.toSorted()).toEqual(Object.keys(expected).toSorted());
  });

  test.each(Object.entries(expected))("%s", async (name, over) => {
    const bytes = await readFixture(`${folder}/${name}/cfg.json`);
    const { raw, ...config } = parseSaeConfig(bytes);
    expect(config).toEqual({ ...DEFAULTS, ...over });
    expect(raw).toEqual(JSON.parse(new TextDecoder().decode(bytes)));
  });
});

/** The keys without which there is no SAE, and others. */
const cfg = (over: Record<string, unknown> = {}): Uint8Array =>
  jsonBytes({
    d_in: 48,
    d_sae: 200,
    hook_name: "blocks.1.hook_resid_post",
    model_name: "tiny",
    ...over,
  });

describe("what else the years have written", () => {
  test.each<[string, Record<string, unknown>, Partial<SaeConfig>]>([
    [
      "nulls as missing keys",
      { architecture: null, normalize_activations: null, prepend_bos: null, k: null },
      {},
    ],
    [
      "a normalisation by name",
      { normalize_activations: "expected_average_only_in" },
      { normalizeActivations: "expected_average_only_in" },
    ],
    ["a dtype of SAELens' table", { dtype: "torch.float64" }, { dtype: "float64" }],
    ["a dtype with its prefix", { dtype: "torch.bfloat16" }, { dtype: "bfloat16" }],
    [
      "a batch top-k SAE as saved",
      { architecture: "batchtopk", k: 50 },
      { architecture: "jumprelu" },
    ],
    [
      "a matryoshka SAE as saved",
      { architecture: "matryoshka_batchtopk" },
      { architecture: "jumprelu" },
    ],
    [
      "activation_fn: topk",
      { activation_fn: "topk", activation_fn_kwargs: { k: 200 } },
      { architecture: "topk", activationFn: "topk", k: 200 },
    ],
    [
      "a rescale flag that only top-k reads",
      { rescale_acts_by_decoder_norm: true },
      { rescaleActsByDecoderNorm: false },
    ],
    [
      "a Neuronpedia id",
      { neuronpedia_id: "gemma-2b/6-res-jb", context_size: 1024 },
      { neuronpediaId: "gemma-2b/6-res-jb", contextSize: 1024 },
    ],
    ["no prepended BOS", { prepend_bos: false }, { prependBos: false }],
    ["no head", { hook_head_index: null, reshape_activations: "none" }, {}],
  ])("%s", (_, over, expected) => {
    const { raw: _raw, ...config } = parseSaeConfig(cfg(over));
    expect(config).toEqual({ ...DEFAULTS, era: "3-5", ...expected });
  });

  test("what is only shown is as good as missing where it is malformed", () => {
    const text = `{"d_in": 48, "d_sae": 200, "hook_name": "blocks.1.hook_resid_post", "model_name": 7,
      "context_size": NaN, "training_tokens": 1e30, "neuronpedia_id": [], "lp_norm": Infinity,
      "sae_lens_version": "6.20.0", "metadata": {"sae_lens_training_version": "4.4.1", "context_size": 64}}`;
    expect(parseSaeConfig(bytesOf(text))).toMatchObject({
      modelName: null,
      contextSize: 64,
      trainingTokens: null,
      neuronpediaId: null,
      saeLensVersion: "6.20.0",
      raw: { lp_norm: Infinity, context_size: NaN },
    });
  });

  test("a context too short for a token behind BOS is none", () => {
    expect(parseSaeConfig(cfg({ context_size: 1 })).contextSize).toBeNull();
  });

  test("the same thing said twice is no contradiction", () => {
    const { hook, layer, k } = parseSaeConfig(
      cfg({
        hook_point: "blocks.1.hook_resid_post",
        hook_layer: 1,
        hook_point_layer: 1,
        architecture: "topk",
        k: 9,
        activation_fn_kwargs: { k: 9 },
        metadata: { hook_name: "blocks.1.hook_resid_post", hf_hook_name: "model.layers.1.output" },
      }),
    );
    expect([hook, layer, k]).toEqual(["blocks.1.hook_resid_post", 1, 9]);
  });

  test("keys of Object's own are not settings", () => {
    const bytes = bytesOf(
      `{"__proto__": {"d_in": 48, "d_sae": 200}, "hook_name": "blocks.1.hook_resid_post"}`,
    );
    expect(() => parseSaeConfig(bytes)).toThrow(facetError("Format", /d_in is missing/));
  });
});

describe("Format, naming the key", () => {
  test.each<[string, Uint8Array, RegExp]>([
    ["not JSON", bytesOf("d_in: 48"), /cfg.json: it is not JSON/],
    ["cut short", cfg().subarray(0, 20), /not JSON/],
    ["a list", bytesOf("[1]"), /a JSON object, found a list/],
    ["null", bytesOf("null"), /a JSON object/],
    ["no d_in", cfg({ d_in: undefined }), /d_in is missing/],
    ["a null d_in", cfg({ d_in: null }), /d_in is missing/],
    ["no d_sae", cfg({ d_sae: undefined }), /d_sae is missing/],
    ["a d_in of text", cfg({ d_in: "48" }), /d_in should be a whole number.*found "48"/],
    ["a d_in of 0", cfg({ d_in: 0 }), /d_in/],
    ["a broken d_in", cfg({ d_in: 47.5 }), /d_in/],
    ["an absurd d_in", cfg({ d_in: 2 ** 30 }), /d_in/],
    ["an absurd d_sae", cfg({ d_sae: 1e300 }), /d_sae/],
    ["no hook", cfg({ hook_name: undefined }), /hook_name/],
    ["a hook that is a number", cfg({ hook_name: 6 }), /hook_name/],
    ["an architecture that is no name", cfg({ architecture: 7 }), /architecture should be a text/],
    [
      "a normalisation that is a number",
      cfg({ normalize_activations: 1 }),
      /normalize_activations/,
    ],
    [
      "a text for a switch",
      cfg({ apply_b_dec_to_input: "false" }),
      /apply_b_dec_to_input should be true or false/,
    ],
    ["top-k without k", cfg({ architecture: "topk" }), /k \(or activation_fn_kwargs.k\)/],
    [
      "a k over d_sae",
      cfg({ architecture: "topk", k: 201 }),
      /k should be a whole number from 1 to 200/,
    ],
    ["a k of 0", cfg({ activation_fn: "topk", activation_fn_kwargs: { k: 0 } }), /k should/],
    [
      "kwargs that are a list",
      cfg({ architecture: "topk", activation_fn_kwargs: [9] }),
      /activation_fn_kwargs/,
    ],
    ["a layer that is not the hook's", cfg({ hook_layer: 2 }), /layer is said to be 2/],
    ["metadata that is a text", cfg({ metadata: "6.18" }), /metadata should be an object/],
    [
      "two hooks",
      cfg({ hook_point: "blocks.0.hook_resid_post" }),
      /hook_name is "blocks.1.hook_resid_post", but hook_point is "blocks.0.hook_resid_post"/,
    ],
    [
      "two layers",
      cfg({ hook_layer: 1, hook_point_layer: 0 }),
      /hook_layer is 1, but hook_point_layer is 0/,
    ],
    [
      "a module that is not the hook's",
      cfg({ metadata: { hf_hook_name: "model.layers.2" } }),
      /hook_name is "blocks.1.hook_resid_post", but metadata.hf_hook_name is "model.layers.2"/,
    ],
    [
      "a module that is no block's output",
      cfg({ metadata: { hf_hook_name: "model.layers.1.mlp" } }),
      /metadata.hf_hook_name is "model.layers.1.mlp"/,
    ],
    [
      "two activations",
      cfg({ activation_fn: "relu", activation_fn_str: "topk" }),
      /activation_fn is "relu", but activation_fn_str is "topk"/,
    ],
    [
      "top-k that is run as ReLU",
      cfg({ architecture: "topk", k: 3, activation_fn: "relu" }),
      /architecture is "topk", but activation_fn is "relu"/,
    ],
    [
      "two k",
      cfg({ architecture: "topk", k: 3, activation_fn_kwargs: { k: 9 } }),
      /k is 3, but activation_fn_kwargs.k is 9/,
    ],
    ...[
      ["prepend_bos", false, true],
      ["apply_b_dec_to_input", true, false],
      ["normalize_activations", "layer_norm", "none"],
      ["finetuning_scaling_factor", true, false],
      ["rescale_acts_by_decoder_norm", true, false],
      ["d_sae", 200, 400],
      ["architecture", "standard", "jumprelu"],
    ].map(([key, top, inner]): [string, Uint8Array, RegExp] => [
      `${String(key)} otherwise in its metadata`,
      cfg({ [String(key)]: top, metadata: { [String(key)]: inner } }),
      new RegExp(`${String(key)} is .*, but metadata.${String(key)} is `),
    ]),
    ["nested without end", bytesOf(`{"d_in":${"[".repeat(100_000)}`), /nested/],
  ])("%s", (_, bytes, message) => {
    expect(() => parseSaeConfig(bytes)).toThrow(facetError("Format", message));
  });
});

describe("Unsupported, naming the key", () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    ["an unknown architecture", { architecture: "crosscoder" }, /architecture is "crosscoder"/],
    [
      "an architecture Object knows",
      { architecture: "constructor" },
      /architecture is "constructor"/,
    ],
    [
      "an unknown normalisation",
      { normalize_activations: "constant_scalar_rescale" },
      /normalize_activations/,
    ],
    [
      "an unknown activation",
      { activation_fn_str: "tanh-relu" },
      /activation_fn_str is "tanh-relu"/,
    ],
    [
      "top-k on a gated SAE",
      { architecture: "gated", activation_fn: "topk", k: 3 },
      /activation_fn is "topk"/,
    ],
    ["an unknown dtype", { dtype: "torch.float8_e4m3fn" }, /dtype is "float8_e4m3fn"/],
    ["one attention head", { hook_head_index: 3 }, /hook_head_index is 3/],
    [
      "one attention head, as it was called",
      { hook_point_head_index: 0 },
      /hook_point_head_index is 0/,
    ],
    ["reshaped activations", { reshape_activations: "hook_z" }, /reshape_activations is "hook_z"/],
    ["the MLP's output", { hook_name: "blocks.1.hook_mlp_out" }, /hook_mlp_out/],
    ["the stream before a block", { hook_name: "blocks.1.hook_resid_pre" }, /hook_resid_pre/],
    ["a block with a leading zero", { hook_name: "blocks.01.hook_resid_post" }, /hook_name/],
    ["no block", { hook_name: "blocks.x.hook_resid_post" }, /hook_name/],
    ["a width the kernels cannot read", { d_sae: 202 }, /d_sae is 202; Facet reads multiples of 4/],
  ])("%s", (_, over, message) => {
    expect(() => parseSaeConfig(cfg(over))).toThrow(facetError("Unsupported", message));
  });
});
