// config.json of the fixtures, of gemma-2b by its published fields, and of models that are something else.

import { describe, expect, test } from "vitest";
import { parseGemmaConfig, withRows } from "../../../src/model/config.ts";
import { facetError } from "./facetError.ts";
import { bytesOf, jsonBytes, readFixture } from "./files.ts";

/** gemma-2b's shape (docs/maths.md §1.1), with the keys its first config.json has. */
const GEMMA_2B = {
  model_type: "gemma",
  hidden_size: 2048,
  num_hidden_layers: 18,
  num_attention_heads: 8,
  num_key_value_heads: 1,
  head_dim: 256,
  intermediate_size: 16384,
  vocab_size: 256000,
  max_position_embeddings: 8192,
  rms_norm_eps: 1e-6,
  rope_theta: 10000,
  rope_scaling: null,
  hidden_act: "gelu",
  hidden_activation: null,
  attention_bias: false,
};
const gemma = (over: Record<string, unknown> = {}) =>
  parseGemmaConfig(jsonBytes({ ...GEMMA_2B, ...over }));

const SPECIAL = { bosId: 2, eosIds: [1], padId: 0, unkId: null };
const COMMON = {
  modelType: "gemma",
  ...SPECIAL,
  eps: 1e-6,
  activation: "tanh",
  tied: true,
  notices: [],
};

describe("parseGemmaConfig", () => {
  test.each<[string, Record<string, unknown>]>([
    [
      "public/demo/model",
      {
        dModel: 128,
        layers: 6,
        heads: 4,
        kvHeads: 1,
        headDim: 32,
        dMlp: 512,
        vocab: 4096,
        context: 1024,
        ropeTheta: 10000,
      },
    ],
    [
      "tests/fixtures/goldens/tiny-mqa-bf16-sharded",
      {
        dModel: 48,
        layers: 3,
        heads: 4,
        kvHeads: 1,
        headDim: 20,
        dMlp: 80,
        vocab: 300,
        context: 512,
        ropeTheta: 10000,
      },
    ],
    [
      "tests/fixtures/goldens/tiny-gqa-f32",
      {
        dModel: 36,
        layers: 2,
        heads: 6,
        kvHeads: 2,
        headDim: 6,
        dMlp: 52,
        vocab: 257,
        context: 512,
        ropeTheta: 500,
      },
    ],
    [
      "tests/fixtures/goldens/tiny-mha-f16",
      {
        dModel: 32,
        layers: 2,
        heads: 2,
        kvHeads: 2,
        headDim: 16,
        dMlp: 64,
        vocab: 131,
        context: 512,
        ropeTheta: 300,
      },
    ],
  ])("%s", async (folder, expected) => {
    expect(parseGemmaConfig(await readFixture(`${folder}/config.json`))).toEqual({
      ...COMMON,
      ...expected,
    });
  });

  test("gemma-2b", () => {
    const { dModel, layers, heads, kvHeads, headDim, dMlp, vocab, context } = gemma();
    expect([dModel, layers, heads, kvHeads, headDim, dMlp, vocab, context]).toEqual([
      2048, 18, 8, 1, 256, 16384, 256000, 8192,
    ]);
  });

  test("a missing key means what Hugging Face's GemmaConfig takes it to mean", () => {
    expect(parseGemmaConfig(jsonBytes({ model_type: "gemma" }))).toEqual({
      ...COMMON,
      dModel: 3072,
      layers: 28,
      heads: 16,
      kvHeads: 16,
      headDim: 256,
      dMlp: 24576,
      vocab: 256000,
      context: 8192,
      ropeTheta: 10000,
    });
  });

  test.each<[Record<string, unknown>, string]>([
    [{ hidden_act: "gelu", hidden_activation: null }, "tanh"],
    [{ hidden_act: "gelu_pytorch_tanh", hidden_activation: null }, "tanh"],
    [{ hidden_act: undefined, hidden_activation: undefined }, "tanh"],
    [{ hidden_act: "gelu", hidden_activation: "gelu_pytorch_tanh" }, "tanh"],
    [{ hidden_act: "gelu", hidden_activation: "gelu" }, "erf"],
  ])("%j runs %s", (over, activation) => {
    expect(gemma(over).activation).toBe(activation);
  });

  test.each<[Record<string, unknown>, readonly number[], number | null]>([
    [{ eos_token_id: [1, 107] }, [1, 107], 0],
    [{ eos_token_id: 107, pad_token_id: -1 }, [107], null],
    [{ eos_token_id: [1, 256000], pad_token_id: 256000 }, [1], null],
    [{ eos_token_id: [], pad_token_id: [3] }, [], 3],
    [{ eos_token_id: null, pad_token_id: null }, [1], 0],
  ])("%j ends at %j, pads with %j", (over, eosIds, padId) => {
    const config = gemma(over);
    expect([config.eosIds, config.padId]).toEqual([eosIds, padId]);
  });

  test.each<[Record<string, unknown>, number]>([
    [{ rope_theta: undefined }, 10000],
    [{ rope_theta: 500 }, 500],
    [{ rope_theta: undefined, rope_parameters: { rope_theta: 500 } }, 500],
    [{ rope_theta: 500, rope_parameters: { rope_type: "default" } }, 500],
    [{ rope_theta: 500, rope_parameters: { rope_theta: 500 } }, 500],
    [{ rope_theta: undefined, rope_scaling: { type: "default", rope_theta: 500 } }, 500],
  ])("%j rotates by %d", (over, theta) => {
    expect(gemma(over)).toMatchObject({ ropeTheta: theta, notices: [] });
  });

  test("of two thetas the one in rope_parameters counts, as in transformers 5, and is told of", () => {
    const { ropeTheta, notices } = gemma({
      rope_theta: 10000,
      rope_parameters: { rope_theta: 500 },
    });
    expect(ropeTheta).toBe(500);
    expect(notices).toEqual([
      expect.stringMatching(/rope_theta 10000 and rope_parameters.rope_theta 500.*runs with 500/),
    ]);
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ["gemma2", { model_type: "gemma2" }, /model_type is "gemma2"/],
    ["gemma3", { model_type: "gemma3_text" }, /model_type is "gemma3_text"/],
    ["llama", { model_type: "llama" }, /model_type is "llama"/],
    ["biases", { attention_bias: true }, /attention_bias is true/],
    ["attention both ways", { use_bidirectional_attention: true }, /use_bidirectional_attention/],
    [
      "scaled positions",
      { rope_scaling: { type: "linear", factor: 2 } },
      /rope_scaling.type is "linear"/,
    ],
    [
      "scaled positions, newer",
      { rope_parameters: { rope_type: "yarn" } },
      /rope_parameters.rope_type is "yarn"/,
    ],
    [
      "scaled positions, by the older of two names",
      { rope_scaling: { rope_type: "default", type: "linear" } },
      /rope_scaling.type is "linear"/,
    ],
    ["another activation", { hidden_act: "silu" }, /hidden_act is "silu"/],
    ["quantised weights", { quantization_config: { bits: 4 } }, /quantization_config/],
    ["an odd head", { head_dim: 255 }, /head_dim is 255; Facet reads multiples of 2/],
    ["a width of odd size", { hidden_size: 2046 }, /hidden_size is 2046/],
    ["an MLP of odd size", { intermediate_size: 16383 }, /intermediate_size/],
    [
      "heads of odd size",
      { num_attention_heads: 1, head_dim: 6 },
      /num_attention_heads · head_dim is 6/,
    ],
  ])("%s: Unsupported", (_, over, message) => {
    expect(() => gemma(over)).toThrow(facetError("Unsupported", message));
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ["no model type", { model_type: undefined }, /model_type is missing/],
    ["a size of text", { hidden_size: "2048" }, /hidden_size should be a whole number/],
    ["no layers", { num_hidden_layers: 0 }, /num_hidden_layers/],
    ["absurdly many layers", { num_hidden_layers: 1e9 }, /num_hidden_layers/],
    ["an absurd vocabulary", { vocab_size: 2 ** 40 }, /vocab_size/],
    ["an absurd width", { hidden_size: 2 ** 20 }, /hidden_size/],
    ["a vanishing epsilon", { rms_norm_eps: 0 }, /rms_norm_eps should be a number over 0/],
    ["a negative theta", { rope_theta: -1 }, /rope_theta/],
    [
      "heads that do not share evenly",
      { num_key_value_heads: 3 },
      /no multiple of num_key_value_heads \(3\)/,
    ],
    ["a BOS beyond the vocabulary", { bos_token_id: 256000 }, /bos_token_id/],
    ["an eos of text", { eos_token_id: "1" }, /eos_token_id should be a whole number or a list/],
    ["a broken eos in a list", { eos_token_id: [1, 1.5] }, /eos_token_id.*found 1.5/],
    ["a context without room", { max_position_embeddings: 1 }, /max_position_embeddings/],
    [
      "two activations",
      { hidden_act: "gelu_pytorch_tanh", hidden_activation: "gelu" },
      /hidden_act is "gelu_pytorch_tanh", but hidden_activation is "gelu"/,
    ],
    [
      "two thetas in objects",
      { rope_scaling: { rope_theta: 300 }, rope_parameters: { rope_theta: 500 } },
      /rope_scaling.rope_theta is 300, but rope_parameters.rope_theta is 500/,
    ],
    [
      "two thetas and an object that hides the second",
      {
        rope_theta: 300,
        rope_scaling: { type: "default" },
        rope_parameters: { rope_theta: 500 },
      },
      /rope_theta is 300, but rope_parameters.rope_theta is 500/,
    ],
    ["a switch of text", { attention_bias: "yes" }, /attention_bias should be true or false/],
  ])("%s: Format", (_, over, message) => {
    expect(() => gemma(over)).toThrow(facetError("Format", message));
  });

  test("ids behind the last row of the embedding stand for no token", () => {
    const config = gemma({ eos_token_id: [255999, 1], pad_token_id: 255990, unk_token_id: 3 });
    expect(withRows(config, 255000)).toEqual({
      ...config,
      vocab: 255000,
      eosIds: [1],
      padId: null,
      unkId: 3,
    });
    expect(() => withRows(gemma(), 2)).toThrow(facetError("Format", /bos_token_id is 2/));
    expect(() => withRows(gemma(), 2 ** 30)).toThrow(facetError("Unsupported", /1073741824 rows/));
  });

  test.each([
    ["rms_norm_eps", "NaN"],
    ["rope_theta", "Infinity"],
    ["hidden_size", "NaN"],
    ["eos_token_id", "[1, NaN]"],
  ])("%s of %s, as Python writes it: Format", (key, value) => {
    const text = JSON.stringify(GEMMA_2B).replace(/\}$/, `, "${key}": ${value}}`);
    expect(() => parseGemmaConfig(bytesOf(text))).toThrow(
      facetError("Format", new RegExp(`${key} should be .*found (NaN|Infinity)`)),
    );
  });

  test("not JSON: Format", () => {
    expect(() => parseGemmaConfig(bytesOf("hidden_size = 4"))).toThrow(
      facetError("Format", /config.json: it is not JSON/),
    );
  });
});
