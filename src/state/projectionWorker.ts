// Lays features out in a worker that is started for it and ended with it.

import { FacetError, throwIfCancelled } from "../lib/errors.ts";
import type { FromProjection, ToProjection } from "../projection/messages.ts";
import type { Project } from "./results.ts";

/** The same map for everyone who opens the same SAE. */
const SEED = 1;

/** The part of `Worker` that is used. */
export interface ProjectionWorker {
  postMessage(message: ToProjection, transfer: Transferable[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent<FromProjection>) => void): void;
  addEventListener(type: "error", listener: (event: ErrorEvent) => void): void;
  terminate(): void;
}

export function projectIn(start: () => ProjectionWorker): Project {
  return async ({ k, index, cosine }, { signal, onProgress }) => {
    // What came before may have ended just as it was stopped.
    throwIfCancelled(signal, "laying features out");
    return new Promise((resolve, reject) => {
      const worker = start();
      const end = (): void => worker.terminate();
      signal?.addEventListener("abort", () => {
        end();
        reject(new FacetError("Cancelled", "Stopped while laying features out."));
      });
      worker.addEventListener("message", ({ data }) => {
        if (data.type === "progress") {
          const { done, total } = data;
          onProgress?.({ stage: "Laying features out", done, total, unit: "steps" });
          return;
        }
        end();
        resolve({ x: data.x, y: data.y });
      });
      worker.addEventListener("error", ({ message }) => {
        end();
        reject(new Error(`The worker that lays features out stopped: ${message}.`));
      });
      worker.postMessage({ k, index, cosine, seed: SEED }, []);
    });
  };
}
