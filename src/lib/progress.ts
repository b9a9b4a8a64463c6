// How long work tells how far it is. Plain data: it crosses the worker as it is.

export interface Progress {
  /** What is being done, for a person: "Reading weights", "Verifying". */
  readonly stage: string;
  readonly done: number;
  /** null where the total is not known. */
  readonly total: number | null;
  readonly unit: "bytes" | "tokens" | "steps";
  /** The text so far, of a generation. */
  readonly generated?: Generated;
}

export interface Generated {
  readonly clean: string;
  /** null where nothing is edited. */
  readonly edited: string | null;
}

export type OnProgress = (progress: Progress) => void;

/** What every long call takes. */
export interface JobOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
  /** Identity of the session that the call is of; where another is open by then, it is cancelled. Any, where left out. */
  readonly on?: string;
}

/**
 * One bar over several pieces of work, each of which counts from 0: gives the options for the next piece.
 * `total` is that of all pieces together.
 */
export function oneBar(options: JobOptions, stage: string, total: number): () => JobOptions {
  const { onProgress } = options;
  let finished = 0;
  let current = 0;
  return () => {
    finished += current;
    current = 0;
    if (!onProgress) return options;
    return {
      ...options,
      onProgress: ({ done, unit }) => {
        current = done;
        onProgress({ stage, done: finished + done, total, unit });
      },
    };
  };
}

/** A page that redraws for every one of ten thousand pieces leaves no time for the pieces. */
const PACE_MS = 100;

/** Tells of what begins, of what is done, and in between at most every 100 ms. `now` is a clock in ms. */
export function paced(onProgress: OnProgress, now = (): number => performance.now()): OnProgress {
  let told = -Infinity;
  return (progress) => {
    const time = now();
    if (time - told < PACE_MS && progress.done !== progress.total) return;
    told = time;
    onProgress(progress);
  };
}
