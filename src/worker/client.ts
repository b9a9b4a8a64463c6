// The page's side: starts the worker, matches answers to calls, passes on progress and cancel.

import type { ArgsOf, JobName, ResultOf } from "../jobs/table.ts";
import { FacetError, fromPlainError } from "../lib/errors.ts";
import { packingOf } from "../lib/packing.ts";
import type { JobOptions } from "../lib/progress.ts";
import { type Locks, watchLifeLock } from "./life.ts";
import type { FromWorker, ToWorker, WorkerClient } from "./messages.ts";

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: JobOptions["onProgress"];
}

/** The part of `Worker` that the client uses. */
export interface Port {
  postMessage(message: ToWorker): void;
  addEventListener(type: "message", listener: (event: MessageEvent<FromWorker>) => void): void;
  addEventListener(type: "error", listener: (event: ErrorEvent) => void): void;
}

/** @param base address of the page, without its fragment. */
export function createClient(port: Port, base: string, locks?: Locks): WorkerClient {
  const pending = new Map<number, Pending>();
  const listeners = new Set<(text: string) => void>();
  const life = `facet-worker ${crypto.randomUUID()}`;
  let nextId = 1;
  let dead: Error | null = null;

  /** Whatever is asked from now on gets the same answer: nobody is there to give another. */
  function stopped(why: string): void {
    dead ??= new Error(`The worker stopped: ${why}. Reload the page.`);
    for (const { reject } of pending.values()) reject(dead);
    pending.clear();
  }

  port.addEventListener("message", ({ data }) => {
    if (data.type === "alive") {
      watchLifeLock(locks, life, () => stopped("it was ended by the browser"));
      return;
    }
    if (data.type === "notice") {
      for (const listener of listeners) listener(data.text);
      return;
    }
    const call = pending.get(data.id);
    if (!call) return;
    if (data.type === "progress") {
      call.onProgress?.(data.progress);
      return;
    }
    pending.delete(data.id);
    if (data.type === "error") call.reject(fromPlainError(data.error));
    else if (data.packing === undefined) call.resolve(data.value);
    else call.resolve(packingOf(data.packing).unpack(data.value));
  });
  port.addEventListener("error", ({ message }) => stopped(message || "it could not be loaded"));
  port.postMessage({ type: "start", base, life });

  return {
    call<J extends JobName>(job: J, args: ArgsOf<J>, options: JobOptions = {}) {
      return new Promise<ResultOf<J>>((resolve, reject) => {
        const { signal, onProgress, on } = options;
        if (dead) {
          reject(dead);
          return;
        }
        if (signal?.aborted) {
          reject(new FacetError("Cancelled", `Stopped before ${job} began.`));
          return;
        }
        const id = nextId++;
        const settled = (): void => signal?.removeEventListener("abort", cancel);
        const cancel = (): void => port.postMessage({ type: "cancel", id });
        signal?.addEventListener("abort", cancel);
        pending.set(id, {
          resolve: (value) => {
            settled();
            resolve(value as ResultOf<J>);
          },
          reject: (error) => {
            settled();
            reject(error);
          },
          onProgress,
        });
        port.postMessage({ type: "call", id, job, args, ...(on !== undefined && { on }) });
      });
    },
    onNotice(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
