// Trying again: how long to wait, how often, and telling who watches. Knows nothing of what is tried.

import { FacetError, throwIfCancelled } from "../lib/errors.ts";

/** A wait that has begun, for the page to show. */
export interface Wait {
  readonly ms: number;
  /** The try that failed, from 1. */
  readonly attempt: number;
  /** Tries there are in all. */
  readonly attempts: number;
  /** What was found: "the hub answered 429 (too many requests)". */
  readonly reason: string;
}

/** Time and chance; tests have their own. */
export interface Timing {
  /** Rejects with `Cancelled` as soon as the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Milliseconds since 1970. */
  now(): number;
  /** From 0, below 1. */
  random(): number;
}

/** Something that may go better the next time. Never seen outside src/hub. */
export class TransientFailure extends Error {
  /** Shortest wait that the server asked for. */
  readonly retryAfterMs: number;
  /** Asking again at once is the cure: an address that expired. */
  readonly expired: boolean;

  constructor(
    reason: string,
    options: { retryAfterMs?: number; expired?: boolean; cause?: unknown } = {},
  ) {
    super(reason, options.cause === undefined ? undefined : { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs ?? 0;
    this.expired = options.expired ?? false;
  }
}

export interface RetryOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timing: Timing;
  readonly onWait?: ((wait: Wait) => void) | undefined;
}

const ATTEMPTS = 6;
/** Waits double from the first to the longest, each shortened at random by up to half: 0.5 s, 1 s, 2 s, 4 s, 8 s. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** A server that wants a longer pause than this is given up on, with its wish in the message. */
const LONGEST_RETRY_AFTER_MS = 120_000;

/** Counts the tries of one piece of work. */
export class Backoff {
  readonly #doing: string;
  readonly #options: RetryOptions;
  #failed = 0;

  /** @param doing such as "reading google/gemma-2b/config.json". */
  constructor(doing: string, options: RetryOptions) {
    this.#doing = doing;
    this.#options = options;
  }

  /** The work got on: what failed before does not count any more. */
  reset(): void {
    this.#failed = 0;
  }

  /** Waits until the next try; `Network` where there is none left. */
  async next(failure: TransientFailure): Promise<void> {
    const { signal, timing, onWait } = this.#options;
    throwIfCancelled(signal, this.#doing);
    this.#failed++;
    const impatient = failure.retryAfterMs > LONGEST_RETRY_AFTER_MS;
    if (this.#failed >= ATTEMPTS || impatient) {
      const how = impatient
        ? `it asks to wait ${Math.ceil(failure.retryAfterMs / 1000)} s`
        : `${this.#failed} tries failed`;
      throw new FacetError(
        "Network",
        `While ${this.#doing}: ${failure.message}; ${how}. Check the connection and try again later; what has arrived is kept where there is a cache.`,
        failure.cause,
      );
    }
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#failed - 1));
    const backOff = failure.expired && this.#failed === 1 ? 0 : longest * (1 - timing.random() / 2);
    const ms = Math.round(Math.max(failure.retryAfterMs, backOff));
    if (ms === 0) return;
    onWait?.({ ms, attempt: this.#failed, attempts: ATTEMPTS, reason: failure.message });
    await timing.sleep(ms, signal);
  }
}

/** Runs `work` until it does not fail, or not with a TransientFailure. */
export async function withRetry<T>(
  doing: string,
  options: RetryOptions,
  work: () => Promise<T>,
): Promise<T> {
  const backoff = new Backoff(doing, options);
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TransientFailure)) throw error;
      await backoff.next(error);
    }
  }
}

/** Milliseconds that a Retry-After header asks for (RFC 9110 §10.2.3: seconds, or a date); 0 without one. */
export function retryAfterMs(header: string | null, now: number): number {
  if (header === null) return 0;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}

export const realTiming: Timing = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        reject(new FacetError("Cancelled", "Stopped while waiting to try again.", signal?.reason));
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", stop);
        resolve();
      }, ms);
      if (signal?.aborted) stop();
      else signal?.addEventListener("abort", stop, { once: true });
    }),
};
