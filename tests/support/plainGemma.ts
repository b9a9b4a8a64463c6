// Gemma as transformers runs it, in float64 from a folder's own files: the stream at a block, and the logits, with rows
// of another stream in place of it. Slow and plain; nothing of src/ has a part in it but the parser of tensors and, for
// int8 and int4, what Facet says that it keeps of a matrix.

import { readFileSync } from "node:fs";
import { openTensors } from "../../src/formats/shards.ts";
import { type QuantFormat, roundToFormat } from "../../src/lib/quantize.ts";
import type { GeluKind } from "../../src/lib/report.ts";
import * as reference from "../reference/ops.ts";
import { at, build, type Matrix } from "../reference/ops.ts";
import { nodeTree, repository } from "./nodeFiles.ts";
import { floats } from "./tinyModels.ts";

interface SavedConfig {
  hidden_size: number;
  num_hidden_layers: number;
  num_attention_heads: number;
  num_key_value_heads: number;
  head_dim: number;
  rms_norm_eps?: number;
  rope_theta?: number;
  rope_parameters?: { rope_theta?: number };
}

export class PlainGemma {
  gelu: GeluKind;
  readonly #config: SavedConfig;
  readonly #tensors: ReadonlyMap<string, Matrix>;

  private constructor(config: SavedConfig, tensors: ReadonlyMap<string, Matrix>, gelu: GeluKind) {
    this.#config = config;
    this.#tensors = tensors;
    this.gelu = gelu;
  }

  static async load(
    folder: string,
    gelu: GeluKind,
    rounding: QuantFormat | null,
  ): Promise<PlainGemma> {
    const config = JSON.parse(
      readFileSync(repository(`${folder}/config.json`), "utf8"),
    ) as SavedConfig;
    const file = await openTensors(nodeTree(folder), "model.safetensors");
    const names = ["model.embed_tokens", "model.norm"];
    for (let layer = 0; layer < config.num_hidden_layers; layer++) {
      for (const part of ["input_layernorm", "post_attention_layernorm"]) {
        names.push(`model.layers.${layer}.${part}`);
      }
      for (const part of ["q", "k", "v", "o"]) {
        names.push(`model.layers.${layer}.self_attn.${part}_proj`);
      }
      for (const part of ["gate", "up", "down"]) {
        names.push(`model.layers.${layer}.mlp.${part}_proj`);
      }
    }
    const tensors = new Map<string, Matrix>();
    for (const name of names) {
      const values = await floats(file, `${name}.weight`);
      const { shape } = (await file.get(`${name}.weight`)).info;
      const cols = shape.at(-1) ?? 0;
      if (rounding !== null && shape.length === 2) roundToFormat(rounding, values, cols, name);
      tensors.set(
        name,
        build(values.length / cols, cols, (r, c) => values[r * cols + c] ?? NaN),
      );
    }
    return new PlainGemma(config, tensors, gelu);
  }

  /** resid_post of `layer` [T, d_model] and logits [T, V]; with `instead` in place of the former. */
  run(ids: readonly number[], layer: number, instead?: Matrix): { x: Matrix; logits: Matrix } {
    const { hidden_size, num_hidden_layers, rms_norm_eps: eps = 1e-6 } = this.#config;
    let x = reference.gather(this.embedding, Uint32Array.from(ids), Math.sqrt(hidden_size));
    let kept = x;
    for (let i = 0; i < num_hidden_layers; i++) {
      x = this.#block(i, x, eps);
      if (i !== layer) continue;
      kept = x;
      if (instead) x = instead;
    }
    const normed = reference.rmsNorm(x, this.finalGain, eps);
    return { x: kept, logits: reference.linear(normed, this.embedding) };
  }

  get embedding(): Matrix {
    return this.#tensor("model.embed_tokens");
  }

  /** 1 + w of the last norm, [1, d_model]. */
  get finalGain(): Matrix {
    return plusOne(this.#tensor("model.norm"));
  }

  #block(i: number, x: Matrix, eps: number): Matrix {
    const { num_attention_heads, num_key_value_heads, head_dim } = this.#config;
    const { rope_theta, rope_parameters } = this.#config;
    const weight = (name: string): Matrix => this.#tensor(`model.layers.${i}.${name}`);
    const n = reference.rmsNorm(x, plusOne(weight("input_layernorm")), eps);
    const [q, k, v] = (["q", "k", "v"] as const).map((name) =>
      reference.linear(n, weight(`self_attn.${name}_proj`)),
    ) as [Matrix, Matrix, Matrix];
    const mixed = reference.attention(q, k, v, {
      heads: num_attention_heads,
      kvHeads: num_key_value_heads,
      headDim: head_dim,
      theta: rope_parameters?.rope_theta ?? rope_theta ?? 10000,
      contexts: [x.rows],
    });
    const h = reference.linear(mixed, weight("self_attn.o_proj"), x);
    const m = reference.rmsNorm(h, plusOne(weight("post_attention_layernorm")), eps);
    const [gate, up, down] = (["gate", "up", "down"] as const).map((name) =>
      weight(`mlp.${name}_proj`),
    ) as [Matrix, Matrix, Matrix];
    return reference.linear(reference.gatedMlp(m, gate, up, this.gelu), down, h);
  }

  #tensor(name: string): Matrix {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw new Error(`No tensor ${name}`);
    return tensor;
  }
}

const plusOne = (w: Matrix): Matrix => build(w.rows, w.cols, (r, c) => 1 + at(w, r, c));
