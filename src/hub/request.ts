// One GET to a hub: with the token of its origin and no cookies, following its redirect, and with every answer that is
// not a success turned into the error it means or into a failure that is worth another try.

import { FacetError, throwIfCancelled } from "../lib/errors.ts";
import { discard } from "./body.ts";
import type { Endpoint, Tokens } from "./endpoint.ts";
import { type About, refusal, withoutQueries } from "./hubErrors.ts";
import {
  realTiming,
  retryAfterMs,
  type RetryOptions,
  type Timing,
  TransientFailure,
  type Wait,
} from "./retry.ts";

/** A hub as one reader sees it. */
export interface Hub {
  readonly endpoint: Endpoint;
  readonly tokens: Tokens;
  /** Told of every wait before another try. */
  readonly onWait?: (wait: Wait) => void;
  readonly timing?: Timing;
}

export interface Target {
  /** Under the hub's endpoint. */
  readonly url: string;
  readonly repo: string;
  readonly revision: string;
  readonly path: string | null;
}

export const retryOptions = (hub: Hub, signal: AbortSignal | undefined): RetryOptions => ({
  signal,
  timing: hub.timing ?? realTiming,
  onWait: hub.onWait,
});

/** Statuses that pass: too slow, too many requests, and whatever the server blames itself for. */
const isPassing = (status: number): boolean => status === 408 || status === 429 || status >= 500;

/**
 * The answer, 200 or 206, once its headers are there. Throws a TransientFailure where another try may help.
 * @param range bytes [start, end) of the file.
 */
export async function get(
  hub: Hub,
  target: Target,
  range: { start: number; end: number } | null,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const { endpoint, tokens } = hub;
  const doing = `reading ${target.repo}${target.path === null ? "" : `/${target.path}`}`;
  throwIfCancelled(signal, doing);
  // A token is for its origin alone; an address that came from the hub (a next page) might lead elsewhere.
  if (URL.parse(target.url)?.origin !== endpoint.origin) {
    throw new FacetError(
      "Network",
      `While ${doing}: ${endpoint.origin} points to another host for the rest of its answer, which is not followed. Check the hub's address.`,
    );
  }
  const headers = {
    ...tokens.headers(endpoint),
    // The one form of Range that needs no preflight.
    ...(range ? { Range: `bytes=${range.start}-${range.end - 1}` } : {}),
  };
  let response: Response;
  try {
    response = await fetch(target.url, {
      headers,
      signal: signal ?? null,
      credentials: "omit",
      referrerPolicy: "no-referrer",
      // Facet's own cache keeps what is kept; the browser's would keep gigabytes a second time, and old signatures.
      cache: "no-store",
    });
  } catch (error) {
    throwIfCancelled(signal, doing);
    throw unreachable(hub, error);
  }
  if (response.status === 200 || response.status === 206) return response;
  await discard(response);
  throw failureOf(response, hub, target);
}

function failureOf(response: Response, hub: Hub, target: Target): Error {
  const { status } = response;
  const { endpoint, tokens, timing = realTiming } = hub;
  const elsewhere = URL.parse(response.url)?.origin !== endpoint.origin;
  if (isPassing(status)) {
    return new TransientFailure(
      `${elsewhere ? `the storage behind ${endpoint.origin}` : endpoint.origin} answered ${status} (${PASSING[status] ?? "server error"})`,
      { retryAfterMs: retryAfterMs(response.headers.get("Retry-After"), timing.now()) },
    );
  }
  if (elsewhere) {
    const expired = EXPIRED.has(status);
    const why = expired ? ", as it does once a signed address has expired" : "";
    return new TransientFailure(`the storage behind ${endpoint.origin} refused (${status})${why}`, {
      expired,
    });
  }
  const about: About = {
    hub: endpoint.origin,
    repo: target.repo,
    revision: target.revision,
    path: target.path,
    hasToken: tokens.has(endpoint),
  };
  return refusal(response, about);
}

/** How storage on another origin says that a signature is no longer good. */
const EXPIRED: ReadonlySet<number> = new Set([401, 403, 410]);

const PASSING: Readonly<Record<number, string>> = {
  408: "request timeout",
  429: "too many requests",
  500: "internal error",
  502: "bad gateway",
  503: "service unavailable",
  504: "gateway timeout",
};

/** fetch tells nothing of why; a refusal without CORS headers looks the same as no connection. */
const unreachable = ({ endpoint }: Hub, error: unknown): TransientFailure =>
  new TransientFailure(
    `${endpoint.origin} or the storage behind it could not be reached, or does not let this page read it`,
    { cause: withoutQueries(error) },
  );
