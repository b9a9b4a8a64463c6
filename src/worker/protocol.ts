// What the page and the worker say to each other: one typed method map, plus progress, cancel and events.
// Types only; the page imports nothing heavier than this.

import type { PlainError } from "../lib/errors.ts";
import type { Progress } from "../lib/progress.ts";
import type {
  Analysis,
  BackendName,
  Catalog,
  FeatureReport,
  Mask,
  OpenRequest,
  Provenance,
  Published,
  Text,
  Verification,
} from "../lib/report.ts";

/** Facts about the open model and SAE that views need besides reports. */
export interface OpenCard {
  /** With a schema-less provenance: the views add none. */
  provenance: Provenance;
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
  };
  sae: {
    normalization: string;
    applyBDecToInput: boolean;
    k: number | null;
    layer: number;
    contextSize: number | null;
    prependBos: boolean;
    /** cfg.json as it stands, training keys too. */
    cfg: Record<string, unknown>;
    files: { path: string; bytes: number }[];
    /** log10 of the firing rate by the sparsity file, [d_sae]; null without one. */
    logDensity: Float32Array | null;
    /** Tokens the sparsity file was measured on; null where nothing tells. */
    logDensityTokens: number | null;
    /** ‖W_dec,i‖, [d_sae]. */
    decoderNorms: Float32Array;
    published: Published[];
    labels: { source: string; method: string; entries: Record<number, { label: string; confidence: number }> } | null;
  };
  presets: string[];
  /** The corpus that `verifyCorpus` runs; null where none is open. */
  corpus: { documents: number; sampleDocuments: number; name: string } | null;
  backends: { name: BackendName; available: boolean; note: string | null }[];
  /** For the reader, in words: a software adapter, a missing scale. */
  notices: string[];
}

/** The worker's methods. Calls run one after another, in the order they were made. */
export interface Methods {
  catalog: { args: []; result: Catalog };
  open: { args: [OpenRequest]; result: OpenCard };
  analyze: { args: [Text, { mask: Mask }]; result: Analysis };
  verify: { args: [Text, { mask: Mask }]; result: Verification };
  verifyCorpus: { args: [{ documents?: number; mask: Mask }]; result: Verification };
  feature: { args: [number]; result: FeatureReport };
  residual: { args: [Text, number]; result: Float32Array[] };
}

export type MethodName = keyof Methods;

export type ToWorker =
  | { type: "call"; id: number; method: MethodName; args: unknown[] }
  | { type: "cancel"; id: number };

export type FromWorker =
  | { type: "result"; id: number; value: unknown }
  | { type: "error"; id: number; error: PlainError }
  | { type: "progress"; id: number; progress: Progress }
  | { type: "notice"; text: string };

export interface CallOptions {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/** The worker as the page sees it. */
export interface WorkerClient {
  call<M extends MethodName>(
    method: M,
    args: Methods[M]["args"],
    options?: CallOptions,
  ): Promise<Methods[M]["result"]>;
  /** Something the reader should know that no call asked for (the GPU was lost and rebuilt). */
  onNotice(listener: (text: string) => void): () => void;
}
