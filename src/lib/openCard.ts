// Facts about the open model and SAE that views need besides reports.

import type { BackendName, Precision, Provenance, Published } from "./report.ts";
import type { SaeRun } from "./saeRun.ts";

export interface OpenCard {
  provenance: Provenance;
  saeRun: SaeRun;
  /** Catalogue key or source of what is open, as `open` was asked. */
  modelKey: string;
  saeKey: string;
  model: {
    name: string;
    layers: number;
    dModel: number;
    vocab: number;
    /** Tokens that fit. */
    context: number;
    parameters: number;
    hasTokenizer: boolean;
    /** Bytes of the unembedding, the embedding again where it is tied, which the first logit lens or Verify reads whole. */
    embeddingBytes: number;
    /** Bytes that the first loss reads: the blocks behind the hook, the embedding. */
    lossBytes: number;
  };
  sae: {
    normalization: string;
    applyBDecToInput: boolean;
    k: number | null;
    layer: number;
    contextSize: number | null;
    prependBos: boolean;
    /** cfg.json as it stands, training keys too. */
    cfg: Readonly<Record<string, unknown>>;
    files: { path: string; bytes: number }[];
    /** log10 of the firing rate by the sparsity file, [d_sae]; null without one. */
    logDensity: Float32Array | null;
    /** Tokens the sparsity file was measured on; null where nothing tells. */
    logDensityTokens: number | null;
    /** ‖W_dec,i‖, [d_sae]. */
    decoderNorms: Float32Array;
    published: Published[];
    labels: Labels | null;
    /** `model/source` under which Neuronpedia has its features; null where none is known. */
    neuronpediaId: string | null;
  };
  /** Published facts are known for this model and SAE: `selfCheck` can run. */
  hasSelfCheck: boolean;
  presets: string[];
  /** The corpus that `verifyCorpus` runs; null where none is open. */
  corpus: { documents: number; sampleDocuments: number; name: string } | null;
  backends: BackendOption[];
  /** For the reader, in words: a software adapter, a missing scale. */
  notices: string[];
}

/** Short descriptions of features, with where they come from. */
export interface Labels {
  readonly source: string;
  readonly method: string;
  readonly entries: Readonly<Record<number, { label: string; confidence: number }>>;
}

export interface BackendOption {
  name: BackendName;
  available: boolean;
  /** For the reader: "software adapter". null where nothing needs saying. */
  note: string | null;
}

/** What opening would read and hold, known before any weight is read. */
export interface OpenPlan {
  readonly model: { readonly name: string; readonly source: string; readonly revision: string };
  readonly sae: {
    readonly source: string;
    readonly folder: string;
    readonly revision: string;
    readonly hook: string;
    readonly dSae: number;
  };
  /** Bytes for the features of a text: the tokenizer, the blocks up to the hook, the SAE. */
  readonly bytes: number;
  /** Further bytes that the first Verify or logit lens reads: the other blocks, the embedding. */
  readonly lossBytes: number;
  /** The format of the model's weights in its file; F32 for F64, which is read as such. */
  readonly fileFormat: string;
  /**
   * Every precision that the file allows, its own first, with the GPU memory that the blocks up to the hook and the SAE
   * take in it. TensorFlow.js holds everything in f32 whatever the precision.
   */
  readonly memory: readonly { readonly precision: Precision; readonly bytes: number }[];
}
