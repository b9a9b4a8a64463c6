// What the page and the worker say to each other: calls of jobs by name, with progress, cancel and notices. Types only.

import type { ArgsOf, JobName, ResultOf } from "../jobs/table.ts";
import type { PlainError } from "../lib/errors.ts";
import type { PackingName } from "../lib/packing.ts";
import type { JobOptions, Progress } from "../lib/progress.ts";

export type ToWorker =
  /** First of all: where the page is, for the files that stand beside it, and the lock that the worker is known by. */
  | { type: "start"; base: string; life: string }
  | { type: "call"; id: number; job: JobName; args: readonly unknown[]; on?: string }
  | { type: "cancel"; id: number };

export type FromWorker =
  /** `packing`: the value is packed so. */
  | { type: "result"; id: number; value: unknown; packing?: PackingName }
  | { type: "error"; id: number; error: PlainError }
  | { type: "progress"; id: number; progress: Progress }
  | { type: "notice"; text: string }
  /** The worker holds the lock that it is known by. */
  | { type: "alive" };

/** The worker as the page sees it. */
export interface WorkerClient {
  call<J extends JobName>(job: J, args: ArgsOf<J>, options?: JobOptions): Promise<ResultOf<J>>;
  /** Something the reader should know that no call asked for (the GPU was lost and rebuilt). */
  onNotice(listener: (text: string) => void): () => void;
}
