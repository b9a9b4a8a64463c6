// What the page and the worker say to each other: one typed method map, plus progress, cancel and events.
// Types only; the page imports nothing heavier than this.

import type { Edit } from "../lib/edits.ts";
import type { PlainError } from "../lib/errors.ts";
import type { NearestRows, Promoters, VocabularyToken } from "../lib/explore.ts";
import type { OpenCard, OpenPlan } from "../lib/openCard.ts";
import type { Progress } from "../lib/progress.ts";
import type {
  Attribution,
  AttributionOptions,
  Downstream,
  Generation,
  GenerationOptions,
  Intervention,
  InterventionOptions,
} from "../lib/interventions.ts";
import type {
  Analysis,
  Catalog,
  Comparison,
  FeatureFacts,
  FeatureReport,
  Mask,
  OpenRequest,
  SelfCheck,
  Text,
  Verification,
} from "../lib/report.ts";
import type { DamagedScan, FeatureScan, KeptScan, ScanRequest, ScanSummary } from "../lib/scan.ts";

/** The worker's methods. Calls run one after another, in the order they were made. */
export interface Methods {
  catalog: { args: []; result: Catalog };
  /** What `open` would read, from configurations and headers alone. */
  plan: { args: [OpenRequest]; result: OpenPlan };
  open: { args: [OpenRequest]; result: OpenCard };
  analyze: { args: [Text, { mask: Mask }]; result: Analysis };
  /** The open SAE and another on the same text; `loss` reads the whole model. */
  compare: {
    args: [OpenRequest, Text, { mask: Mask; loss: boolean }];
    result: Comparison;
  };
  verify: { args: [Text, { mask: Mask }]; result: Verification };
  verifyCorpus: { args: [{ documents?: number; mask: Mask }]; result: Verification };
  feature: { args: [number]; result: FeatureReport };
  /** The same without the logit lens: reads nothing that is not there. */
  featureFacts: { args: [number]; result: FeatureFacts };
  /** The tokens that a short text is made of, specials left out. */
  vocabularyTokens: { args: [string]; result: VocabularyToken[] };
  /** How much each feature promotes the token of this id. */
  promoters: { args: [id: number]; result: Promoters };
  /** The k nearest decoder rows of every feature. Other calls run meanwhile. */
  nearest: { args: [k: number]; result: NearestRows };
  residual: { args: [Text, number]; result: Float32Array[] };
  /** Its progress carries the text so far; cancelled once it has begun, it resolves with what there is. */
  generate: { args: [Text, GenerationOptions]; result: Generation };
  attribute: { args: [Text, AttributionOptions]; result: Attribution };
  intervene: { args: [Text, readonly Edit[], InterventionOptions]; result: Intervention };
  /** `sae`: of the model that is open. */
  downstream: { args: [Text, readonly Edit[], { sae: string }]; result: Downstream };
  selfCheck: { args: []; result: SelfCheck };
  /**
   * Scans a corpus. Other calls run meanwhile. Cancelled, it keeps what there is, and the same request goes on from there
   * (also after a reload); opening another SAE stops it likewise.
   */
  scan: { args: [ScanRequest]; result: ScanSummary };
  /** What a scan says; of the scan named, else of the one that fits best what is open; null where there is none. */
  scanSummary: { args: [id: string | null]; result: ScanSummary | null };
  featureScan: { args: [index: number, id: string | null]; result: FeatureScan | null };
  /** Jaccard of the tokens that `index` and each of the others fired on, estimated; null where it is unknown. */
  coFiring: {
    args: [index: number, others: number[], id: string | null];
    result: (number | null)[];
  };
  scans: { args: []; result: (KeptScan | DamagedScan)[] };
  deleteScan: { args: [id: string]; result: null };
  /** As a Parquet file; null where there is none. */
  exportScan: { args: [id: string]; result: Uint8Array | null };
  /** Keeps a scan that was exported; its id. */
  importScan: { args: [LocalFile]; result: string };
  /** Keeps the sum of two scans that share no document; its id. */
  mergeScans: { args: [first: string, second: string]; result: string };
  /** Makes a folder from disk known; the key to open it by, as a model or as an SAE. */
  addFolder: { args: [string, LocalFile[]]; result: string };
  /** What is kept in this browser; null where it offers no storage. */
  stored: { args: []; result: StoredRepo[] | null };
  deleteStored: { args: [string]; result: null };
  /** The first explanation that Neuronpedia has of a feature, by `model/source` and number. */
  neuronpediaLabel: { args: [id: string, index: number]; result: NeuronpediaLabel | null };
  /** The token that requests to this hub were made with is forgotten. */
  forgetToken: { args: [endpoint: string]; result: null };
  /** Signing in with a hub's account (OAuth with PKCE): where to send the reader, and what to keep until they return. */
  beginSignIn: { args: [SignInRequest]; result: { url: string; pending: unknown } };
  /** The account's token, from what was kept and the address the reader came back to. */
  finishSignIn: { args: [pending: unknown, address: string]; result: string };
}

export interface NeuronpediaLabel {
  readonly text: string;
  /** Which model wrote it, and how, where that is known. */
  readonly author: string | null;
}

export interface SignInRequest {
  readonly endpoint: string;
  /** Of the OAuth app that the hub knows this site as. */
  readonly clientId: string;
  readonly redirectUrl: string;
}

/** A file of a folder from disk, with its path inside the folder. */
export interface LocalFile {
  readonly path: string;
  readonly file: Blob;
}

/** A repo at a commit, as far as it is kept in this browser. */
export interface StoredRepo {
  readonly id: string;
  readonly endpoint: string;
  readonly repo: string;
  readonly commit: string;
  readonly bytes: number;
}

export type MethodName = keyof Methods;

export type ToWorker =
  /** First of all: where the page is, for the files that stand beside it. */
  | { type: "start"; base: string }
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
