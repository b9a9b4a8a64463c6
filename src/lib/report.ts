// The JSON reports: what Export writes, what window.facet returns, what crosses the worker.
// Field names are fixed; more may be added. A number that could not be computed, because a sum on the way to it overflowed
// or it divides by zero, is null where the type has it and NaN elsewhere, which JSON writes as null too: never 0.

import type { SaeRun } from "./saeRun.ts";

export const BACKEND_NAMES = ["webgpu", "tfjs-wasm", "tfjs-cpu"] as const;
export type BackendName = (typeof BACKEND_NAMES)[number];
export const PRECISIONS = ["f32", "bf16", "f16", "int8", "int4"] as const;
/** The format in which the model's weights are kept. */
export type Precision = (typeof PRECISIONS)[number];
/** Which version of GELU the MLP runs. */
export type GeluKind = "tanh" | "erf";
/** Which positions count: all, or all but pad, eos, bos and unk. */
export type Mask = "all" | "nonspecial";
/** Token ids are taken exactly as given: nothing is added. */
export type Text = string | readonly number[];
export type Architecture = "standard" | "gated" | "jumprelu" | "topk";

export interface Provenance {
  facet: string;
  model: { source: string; revision: string; precision: Precision; activation: GeluKind };
  sae: {
    source: string;
    revision: string;
    folder: string;
    hook: string;
    dIn: number;
    dSae: number;
    architecture: Architecture;
    /** BOS is put in front of texts: the SAE's prepend_bos, where the tokenizer has one. Token ids run as given. */
    prependBos: boolean;
  };
  backend: { name: BackendName; adapter?: string };
}

export interface FeatureActivation {
  index: number;
  /** What `sae.encode` returns. */
  raw: number;
  /** raw · ‖W_dec,i‖, the comparable strength; what Neuronpedia shows. */
  folded: number;
}

export interface TokenReport {
  position: number;
  id: number;
  /** The vocabulary piece as stored: "▁the", "<0x0A>". */
  token: string;
  special: boolean;
  /** NaN, with no features listed, where an activation is no finite number. */
  l0: number;
  /** ‖x‖ of the residual. */
  norm: number;
  /** ‖x − x̂‖². */
  squaredError: number;
  /** Every active feature, strongest folded first. */
  features: FeatureActivation[];
}

export interface Analysis extends Provenance {
  schema: "facet.analysis/1";
  text: string;
  mask: Mask;
  tokens: TokenReport[];
  /** Over masked tokens; the median of an even count is the mean of the two. */
  l0: { mean: number | null; median: number | null; max: number | null };
  /** Text beyond the model's context was left out. */
  truncated: boolean;
  /** Tokens the text has, BOS included; null where it is so long that only its beginning was tokenised. */
  totalTokens: number | null;
  /** The SAE's training context, where its configuration tells; beyond it the page says so. */
  saeContext: number | null;
}

export const METRIC_NAMES = [
  "l0",
  "mse",
  "explainedVarianceLegacy",
  "explainedVariance",
  "cosine",
  "l2Ratio",
  "relativeReconstructionBias",
  "ceClean",
  "ceSae",
  "ceZero",
  "ceScore",
  "kl",
  "klZero",
  "klScore",
] as const;
export type MetricName = (typeof METRIC_NAMES)[number];
/** null where the set measured on is empty, or a value in it is no finite number. */
export type Metrics = Record<MetricName, number | null>;

export interface Published {
  metric: string;
  value: number;
  source: string;
  /** Where the published number was measured over one mask alone. */
  mask?: Mask;
  /** Over which documents: the whole corpus or its first few. */
  scope?: "corpus" | "sample";
}

export interface Verification extends Provenance {
  schema: "facet.verification/1";
  mask: Mask;
  /** Sequence length, BOS and masked tokens included. */
  tokens: number;
  metrics: Metrics;
  /** Unmasked; entry t predicts token t+1; length tokens − 1. Absent for a corpus. */
  perToken?: { ceClean: number; ceSae: number; kl: number }[];
  published?: Published[];
  /** For a corpus: how many documents were run. */
  documents?: number;
}

/** Published facts of the open model and SAE, each beside what this machine computes. */
export interface SelfCheck extends Provenance {
  schema: "facet.selfcheck/1";
  rows: SelfCheckRow[];
}

export interface SelfCheckRow {
  name: string;
  measured: string;
  published: string;
  /** In words: "± 5", "2 % of the value". */
  tolerance: string;
  source: string;
  ok: boolean;
}

export interface LensEntry {
  id: number;
  token: string;
  value: number;
}

export interface Histogram {
  /** counts.length + 1 bounds. */
  edges: number[];
  counts: number[];
}

export interface Lens {
  top: LensEntry[];
  bottom: LensEntry[];
  histogram: Histogram;
}

/** What is known of a feature without the unembedding, which of a large model is a gigabyte. */
export interface FeatureFacts extends Provenance {
  schema: "facet.feature/1";
  index: number;
  decoderNorm: number;
  label?: { text: string; source: string; confidence?: number };
  logitLens: LogitLens | null;
  /** Ten, highest first, itself left out; none of a feature without a direction (decoderNorm 0). */
  neighbours: { index: number; cosine: number }[];
  /** value: share of tokens the feature fires on. */
  density: { value: number; tokens: number | null; source: string } | null;
}

export interface FeatureReport extends FeatureFacts {
  /** null of a feature without a direction: its row of W_dec is all zeros, and it writes nothing. */
  logitLens: LogitLens | null;
}

/** Ŵ_dec,i through (1 + w_final) ⊙ … · Eᵀ, and without w_final. */
export interface LogitLens {
  withNorm: Lens;
  withoutNorm: Lens;
}

export interface CatalogModel {
  key: string;
  name: string;
  source: string;
  bytes: number | null;
  gated: boolean;
}

export interface CatalogSae {
  key: string;
  model: string;
  hook: string;
  source: string;
  folder: string;
  dSae: number | null;
  published: Published[];
}

export interface Catalog {
  models: CatalogModel[];
  saes: CatalogSae[];
}

export interface OpenRequest {
  model: string;
  sae: string;
  activation?: GeluKind;
  precision?: Precision;
  endpoint?: string;
  token?: string;
  backend?: BackendName;
}

/** One of two SAEs (or settings) on the same text. */
export interface ComparedSide {
  analysis: Analysis;
  /** null where the loss was not asked for: it reads the whole model. */
  verification: Verification | null;
  saeRun: SaeRun;
}

/** The feature of the other SAE whose decoder row points most nearly the same way. */
export interface FeatureMatch {
  feature: number;
  /** null where the feature has no direction, or none of the other SAE has one. */
  match: number | null;
  /** Of the two decoder rows. */
  cosine: number | null;
}

export const MATCHED_FEATURES = 128;

export interface Comparison {
  schema: "facet.comparison/1";
  mask: Mask;
  /** The open SAE, and the other. */
  sides: [ComparedSide, ComparedSide];
  /**
   * For each side, matches in the other of its features that are strongest on this text (summed folded activation over
   * ordinary tokens), strongest first, at most `MATCHED_FEATURES`.
   */
  matches: [FeatureMatch[], FeatureMatch[]];
  /** Device bytes that the other one takes beside what was open. */
  bytesBeside: number;
}
