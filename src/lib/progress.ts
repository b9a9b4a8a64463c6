// How long work tells how far it is. Plain data: it crosses the worker as it is.

export interface Progress {
  /** What is being done, for a person: "Reading weights", "Verifying". */
  readonly stage: string;
  readonly done: number;
  /** null where the total is not known. */
  readonly total: number | null;
  readonly unit: "bytes" | "tokens" | "steps";
}

export type OnProgress = (progress: Progress) => void;

/** What every long call takes. */
export interface JobOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}
