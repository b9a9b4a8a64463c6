// Work whose outcome several wait for and that is done once: opening a storage, fetching a file. What it came to is kept;
// a failure is not, so that the next who asks tries again.

import { throwIfCancelled } from "./errors.ts";

interface Run<T> {
  readonly outcome: Promise<T>;
  readonly stop: AbortController;
  waiting: number;
  settled: boolean;
}

/**
 * Each caller's signal ends its own waiting. The work is stopped once nobody waits for it any more.
 * @param doing a phrase such as "reading manifest.json".
 */
export function once<T>(
  doing: string,
  work: (signal: AbortSignal) => Promise<T>,
): (signal?: AbortSignal) => Promise<T> {
  let kept: Run<T> | null = null;

  function start(): Run<T> {
    const stop = new AbortController();
    const run: Run<T> = { outcome: work(stop.signal), stop, waiting: 0, settled: false };
    run.outcome.then(
      () => (run.settled = true),
      () => {
        run.settled = true;
        if (kept === run) kept = null;
      },
    );
    return run;
  }

  return async (signal) => {
    throwIfCancelled(signal, doing);
    const run = (kept ??= start());
    run.waiting++;
    try {
      return await unlessCancelled(run.outcome, signal, doing);
    } finally {
      if (--run.waiting === 0 && !run.settled) {
        kept = null;
        run.stop.abort();
      }
    }
  };
}

/** What `waiting` comes to, or `Cancelled` as soon as the signal is aborted. */
async function unlessCancelled<T>(
  waiting: Promise<T>,
  signal: AbortSignal | undefined,
  doing: string,
): Promise<T> {
  if (signal === undefined) return waiting;
  let stop = (): void => {};
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    await Promise.race([waiting, aborted]);
    throwIfCancelled(signal, doing);
    return await waiting;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
