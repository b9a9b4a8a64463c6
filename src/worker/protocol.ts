// What the page and the worker say to each other: one typed method map, plus progress, cancel and events.
// Types only; the page imports nothing heavier than this.

import type { PlainError } from "../lib/errors.ts";
import type { OpenCard } from "../lib/openCard.ts";
import type { Progress } from "../lib/progress.ts";
import type {
  Analysis,
  Catalog,
  FeatureReport,
  Mask,
  OpenRequest,
  Text,
  Verification,
} from "../lib/report.ts";

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
