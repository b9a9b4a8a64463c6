// What can go wrong at the test hub, on purpose: a list of faults, each for some requests, used up one by one.

export type Fault = Where &
  (
    | { /** The connection is cut when the body reaches byte `at`. */ kind: "drop" }
    | { /** The body ends at byte `at` as if it were whole. */ kind: "truncate" }
    | { /** The byte `at` has all its bits turned. */ kind: "flip" }
    | {
        /** From byte `at` on nothing more is sent, and the connection stays open. */ kind: "stall";
      }
    | {
        /** The body is another part of the file than was asked for, and says so. */ kind: "shifted";
      }
    | {
        /** Content-Range names another total, last byte or first byte than is so. */ kind: "contentRange";
        header: string | null;
      }
    | { /** The whole file and status 200, whatever was asked for. */ kind: "whole" }
    | {
        /** Status and nothing else: 429, 503, 403… */ kind: "status";
        status: number;
        retryAfter?: string;
      }
    | { /** An answer without CORS headers: a browser shows a network error. */ kind: "noCors" }
    | { /** Bytes come no faster than this. */ kind: "slow"; bytesPerSecond: number }
    | { /** Garbage after the last byte. */ kind: "longer" }
    | { /** The connection is closed before an answer. */ kind: "refuse" }
  );

interface Where {
  /** Requests for this file alone; any file, and the API too, without it. */
  readonly path?: string;
  /** Byte of the file; only requests whose range holds it are met. Needed where a kind speaks of `at`. */
  readonly at?: number;
  /** Which server: the endpoint's API, the endpoint's `resolve`, or the storage on the other origin. Any without it. */
  readonly on?: "api" | "resolve" | "cdn";
  /** How many requests are met; 1 without it. */
  readonly times?: number;
}

export interface Met {
  readonly on: "api" | "resolve" | "cdn";
  /** Bytes of the file that the answer would hold; null for an answer without any (the API, a redirect). */
  readonly body: { readonly start: number; readonly end: number } | null;
  /** The file; null for the API. */
  readonly path: string | null;
}

/** Kinds that need no body to go wrong. */
const BODILESS: ReadonlySet<Fault["kind"]> = new Set(["status", "noCors", "refuse"]);

export class Faults {
  #faults: { fault: Fault; left: number }[] = [];
  #met = 0;

  add(...faults: Fault[]): void {
    this.#faults.push(...faults.map((fault) => ({ fault, left: fault.times ?? 1 })));
  }

  clear(): void {
    this.#faults = [];
    this.#met = 0;
  }

  /** Requests that met a fault. */
  get met(): number {
    return this.#met;
  }

  /** The fault for a request, which thereby is used: the first that was added, one a request. */
  take({ on, path, body }: Met): Fault | null {
    const entry = this.#faults.find(
      ({ fault, left }) =>
        left > 0 &&
        (fault.on ?? on) === on &&
        (fault.path === undefined || fault.path === path) &&
        (body === null
          ? BODILESS.has(fault.kind) && fault.at === undefined
          : fault.at === undefined || (fault.at >= body.start && fault.at < body.end)),
    );
    if (entry === undefined) return null;
    entry.left--;
    this.#met++;
    return entry.fault;
  }
}
