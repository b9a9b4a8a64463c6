// A small model of what SAELens 6 documents: how it reads a saved SAE, encodes, decodes, and folds an s. In float64 from
// the SAE's own files; nothing of src/ has a part in it but the parser of tensors.

import { readFileSync } from "node:fs";
import { openTensors } from "../../src/formats/shards.ts";
import { at, build, type Matrix } from "../reference/ops.ts";
import { nodeTree, repository } from "./nodeFiles.ts";
import { floats } from "./tinyModels.ts";

interface SavedConfig {
  d_in: number;
  d_sae: number;
  architecture?: string;
  activation_fn?: string;
  activation_fn_str?: string;
  activation_fn_kwargs?: { k?: number };
  k?: number;
  rescale_acts_by_decoder_norm?: boolean;
  apply_b_dec_to_input?: boolean;
  normalize_activations?: boolean | string | null;
  finetuning_scaling_factor?: boolean;
  sae_lens_version?: string;
  metadata?: { sae_lens_version?: string };
}

/** The tensors that the class of an architecture has; a file with others is refused. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  standard: ["W_enc", "b_enc", "W_dec", "b_dec"],
  topk: ["W_enc", "b_enc", "W_dec", "b_dec"],
  jumprelu: ["W_enc", "b_enc", "W_dec", "b_dec", "threshold"],
  gated: ["W_enc", "W_dec", "b_dec", "b_gate", "b_mag", "r_mag"],
};

export interface LoadOptions {
  /** What a converter puts in place of the configuration's, taking only the tensors that it needs. */
  readonly architecture: string | null;
  /** Whether a converter takes a scaling_factor out. */
  readonly scaled: boolean;
}

export class SaeLensModel {
  readonly dSae: number;
  readonly W_dec: Matrix;
  readonly #architecture: string;
  readonly #config: SavedConfig;
  readonly #tensors: Map<string, Matrix>;
  #normalization: string;
  /** Of the rows encoded last: x̂ = (decoded)·scale + shift. A decode uses it up. */
  #undo: { scale: number[]; shift: number[] } | null = null;

  private constructor(config: SavedConfig, architecture: string, tensors: Map<string, Matrix>) {
    this.#config = config;
    this.#architecture = architecture;
    this.#tensors = tensors;
    this.dSae = config.d_sae;
    this.W_dec = this.#tensor("W_dec");
    const saved = config.normalize_activations ?? "none";
    this.#normalization =
      typeof saved === "string" ? saved : saved ? "expected_average_only_in" : "none";
  }

  static async load(folder: string, options: LoadOptions): Promise<SaeLensModel> {
    const config = JSON.parse(
      readFileSync(repository(`${folder}/cfg.json`), "utf8"),
    ) as SavedConfig;
    const version = config.sae_lens_version ?? config.metadata?.sae_lens_version ?? "0";
    const topkBefore6 =
      Number(version.split(".")[0]) < 6 &&
      (config.activation_fn_str ?? config.activation_fn) === "topk" &&
      config.activation_fn_kwargs?.k !== undefined;
    const architecture =
      options.architecture ?? (topkBefore6 ? "topk" : (config.architecture ?? "standard"));
    const parameters = PARAMETERS[architecture];
    if (!parameters) throw new Error(`SAELens has no class to load ${architecture} with`);
    const file = await openTensors(nodeTree(folder), "sae_weights.safetensors");
    const names = ["scaling_factor", ...Object.values(PARAMETERS).flat()];
    const found = new Map<string, Float32Array>();
    for (const name of new Set(names))
      if (file.has(name)) found.set(name, await floats(file, name));
    const scaling = found.get("scaling_factor");
    if (scaling?.every((value) => Math.abs(value - 1) <= 1e-5)) found.delete("scaling_factor");
    else if (scaling && config.finetuning_scaling_factor !== true) {
      throw new Error("Scaling factor is present but finetuning_scaling_factor is False.");
    }
    if (options.scaled) found.delete("scaling_factor");
    const tensors = new Map<string, Matrix>();
    for (const [name, values] of found) {
      if (parameters.includes(name)) {
        const cols =
          name === "W_enc" ? config.d_sae : name === "W_dec" ? config.d_in : values.length;
        tensors.set(
          name,
          build(values.length / cols, cols, (r, c) => values[r * cols + c] ?? NaN),
        );
      } else if (options.architecture === null) throw new Error(`Unexpected key ${name}`);
    }
    for (const name of parameters) if (!tensors.has(name)) throw new Error(`Missing key ${name}`);
    return new SaeLensModel(config, architecture, tensors);
  }

  fold(s: number): void {
    const scale = (name: string, factor: number): void => {
      const { data } = this.#tensor(name);
      data.forEach((value, i) => (data[i] = value * factor));
    };
    scale("W_enc", s);
    scale("W_dec", 1 / s);
    scale("b_dec", 1 / s);
    this.#normalization = "none";
  }

  norms(): number[] {
    return Array.from({ length: this.dSae }, (_, i) => norm(this.W_dec, i));
  }

  /** x [T, d_in] → [T, d_sae]. */
  encode(x: Matrix): Matrix {
    const sent = this.#normalize(x);
    const b_dec = this.#tensor("b_dec");
    const subtract = this.#config.apply_b_dec_to_input ?? true;
    const u = build(x.rows, x.cols, (t, c) => at(sent, t, c) - (subtract ? at(b_dec, 0, c) : 0));
    const W_enc = this.#tensor("W_enc");
    const products = build(x.rows, this.dSae, (t, i) => {
      let sum = 0;
      for (let c = 0; c < x.cols; c++) sum += at(u, t, c) * at(W_enc, c, i);
      return sum;
    });
    const plus = (name: string, t: number, i: number): number =>
      at(products, t, i) + at(this.#tensor(name), 0, i);
    const made = (f: (t: number, i: number) => number): Matrix => build(x.rows, this.dSae, f);
    const relu = (value: number): number => Math.max(0, value);
    switch (this.#architecture) {
      case "standard":
        return made((t, i) => relu(plus("b_enc", t, i)));
      case "jumprelu":
        return made((t, i) => {
          const h = plus("b_enc", t, i);
          return h > at(this.#tensor("threshold"), 0, i) ? relu(h) : 0;
        });
      case "gated":
        return made((t, i) => {
          const scaled = at(products, t, i) * Math.exp(at(this.#tensor("r_mag"), 0, i));
          return plus("b_gate", t, i) > 0 ? relu(scaled + at(this.#tensor("b_mag"), 0, i)) : 0;
        });
      default: {
        const rescale = this.#rescales() ? this.norms() : null;
        const h = made((t, i) => plus("b_enc", t, i) * (rescale?.[i] ?? 1));
        const k = this.#config.activation_fn_kwargs?.k ?? this.#config.k ?? 100;
        const kept = Array.from({ length: x.rows }, (_, t) => {
          const order = Array.from({ length: this.dSae }, (__, i) => i);
          return new Set(order.toSorted((a, b) => at(h, t, b) - at(h, t, a)).slice(0, k));
        });
        return made((t, i) => (kept[t]?.has(i) === true ? relu(at(h, t, i)) : 0));
      }
    }
  }

  /** f [n·T, d_sae] → [n·T, d_in], for the T rows encoded last; to be called once for each encode. */
  decode(f: Matrix): Matrix {
    const undo = this.#undo;
    if (!undo) throw new Error("decode without an encode before it");
    this.#undo = null;
    const divide = this.#rescales() ? this.norms() : null;
    const b_dec = this.#tensor("b_dec");
    const T = undo.scale.length;
    return build(f.rows, this.W_dec.cols, (row, c) => {
      let sum = at(b_dec, 0, c);
      for (let i = 0; i < this.dSae; i++) {
        const value = at(f, row, i);
        if (value !== 0) sum += (value / (divide?.[i] ?? 1)) * at(this.W_dec, i, c);
      }
      return sum * (undo.scale[row % T] ?? NaN) + (undo.shift[row % T] ?? NaN);
    });
  }

  #rescales(): boolean {
    return this.#architecture === "topk" && this.#config.rescale_acts_by_decoder_norm === true;
  }

  #normalize(x: Matrix): Matrix {
    const d = x.cols;
    const scale: number[] = [];
    const shift: number[] = [];
    const out = build(x.rows, d, (t, c) => at(x, t, c));
    for (let t = 0; t < x.rows; t++) {
      const row = out.data.subarray(t * d, (t + 1) * d);
      let [back, add] = [1, 0];
      if (this.#normalization === "constant_norm_rescale") {
        back = norm(x, t) / Math.sqrt(d);
        row.forEach((value, c) => (row[c] = value / back));
      } else if (this.#normalization === "layer_norm") {
        add = row.reduce((sum, value) => sum + value, 0) / d;
        back = Math.sqrt(row.reduce((sum, value) => sum + (value - add) ** 2, 0) / (d - 1));
        row.forEach((value, c) => (row[c] = (value - add) / (back + 1e-5)));
      }
      scale.push(back);
      shift.push(add);
    }
    this.#undo = { scale, shift };
    return out;
  }

  #tensor(name: string): Matrix {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw new Error(`No tensor ${name}`);
    return tensor;
  }
}

/** Length of a row. */
export function norm(m: Matrix, row: number): number {
  let squares = 0;
  for (let c = 0; c < m.cols; c++) squares += at(m, row, c) ** 2;
  return Math.sqrt(squares);
}
