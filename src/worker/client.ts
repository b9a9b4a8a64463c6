// The page's side of the protocol: starts the worker, matches answers to calls, passes on progress and cancel.

import { FacetError, fromPlainError } from "../lib/errors.ts";
import type {
  CallOptions,
  FromWorker,
  MethodName,
  Methods,
  ToWorker,
  WorkerClient,
} from "./protocol.ts";

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: CallOptions["onProgress"];
}

/** The part of `Worker` that the client uses. */
export interface Port {
  postMessage(message: ToWorker): void;
  addEventListener(type: "message", listener: (event: MessageEvent<FromWorker>) => void): void;
  addEventListener(type: "error", listener: (event: ErrorEvent) => void): void;
}

/** @param base address of the page, without its fragment. */
export function createClient(port: Port, base: string): WorkerClient {
  const pending = new Map<number, Pending>();
  const listeners = new Set<(text: string) => void>();
  let nextId = 1;

  port.addEventListener("message", ({ data }) => {
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
    if (data.type === "result") call.resolve(data.value);
    else call.reject(fromPlainError(data.error));
  });
  port.addEventListener("error", (event) => {
    const error = new Error(
      `The worker stopped: ${event.message || "it could not be loaded"}. Reload the page.`,
    );
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  });
  port.postMessage({ type: "start", base });

  return {
    call<M extends MethodName>(method: M, args: Methods[M]["args"], options: CallOptions = {}) {
      return new Promise<Methods[M]["result"]>((resolve, reject) => {
        const { signal, onProgress } = options;
        if (signal?.aborted) {
          reject(new FacetError("Cancelled", `Stopped before ${method} began.`));
          return;
        }
        const id = nextId++;
        const settled = (): void => signal?.removeEventListener("abort", cancel);
        const cancel = (): void => port.postMessage({ type: "cancel", id });
        signal?.addEventListener("abort", cancel);
        pending.set(id, {
          resolve: (value) => {
            settled();
            resolve(value as Methods[M]["result"]);
          },
          reject: (error) => {
            settled();
            reject(error);
          },
          onProgress,
        });
        port.postMessage({ type: "call", id, method, args });
      });
    },
    onNotice(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
