// Starts the worker; where the browser lets this page start none, what stands in for it answers every call with why, so
// that the page is there all the same and says what is missing.

import { describe, FacetError, toPlainError } from "../lib/errors.ts";
import type { Port } from "./client.ts";
import type { FromWorker } from "./messages.ts";

/** @param origin of the page; "null" in a frame with a sandbox of its own. */
export function startWorker(start: () => Port, origin: string): Port {
  try {
    return start();
  } catch (error) {
    return refusing(origin, error);
  }
}

function refusing(origin: string, cause: unknown): Port {
  const why =
    origin === "null"
      ? 'this page stands in a frame whose sandbox lacks allow-same-origin. Give the frame sandbox="allow-scripts allow-same-origin", or open Facet in a window of its own.'
      : "the browser lets this page start none. Another browser, or other settings for this site, may.";
  const error = toPlainError(
    new FacetError("Blocked", `Starting the worker that computes: ${why}`, describe(cause)),
  );
  const listeners = new Set<(event: MessageEvent<FromWorker>) => void>();
  return {
    postMessage(message) {
      if (message.type !== "call") return;
      const data: FromWorker = { type: "error", id: message.id, error };
      queueMicrotask(() => {
        for (const listener of listeners) listener(new MessageEvent("message", { data }));
      });
    },
    addEventListener(
      type: "message" | "error",
      listener: ((event: MessageEvent<FromWorker>) => void) | ((event: ErrorEvent) => void),
    ) {
      if (type === "message") listeners.add(listener as (event: MessageEvent<FromWorker>) => void);
    },
  };
}
