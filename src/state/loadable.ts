// A result on its way: what is known, whether it is out of date, whether a newer one is coming. Starting again stops
// the run before.

import { FacetError, toPlainError } from "../lib/errors.ts";
import type { CallOptions } from "../worker/protocol.ts";
import type { Loadable } from "./store.ts";

export const EMPTY = {
  data: null,
  stale: false,
  running: false,
  progress: null,
  error: null,
} as const satisfies Loadable<never>;

/** How a run ended; a replaced one was stopped by a newer. */
export type Outcome<T> =
  | { readonly kind: "done"; readonly data: T }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "replaced" };

export class Slot<T> {
  readonly #get: () => Loadable<T>;
  readonly #set: (next: Loadable<T>) => void;
  #controller: AbortController | null = null;

  constructor(get: () => Loadable<T>, set: (next: Loadable<T>) => void) {
    this.#get = get;
    this.#set = set;
  }

  /** @param before is told once the result is there and before it is on show: what rests on an older one can go first. */
  async run(work: (options: CallOptions) => Promise<T>, before?: () => void): Promise<Outcome<T>> {
    this.#controller?.abort();
    const controller = new AbortController();
    this.#controller = controller;
    const current = (): boolean => this.#controller === controller;
    const { data: old } = this.#get();
    this.#set({ data: old, stale: old !== null, running: true, progress: null, error: null });
    try {
      const data = await work({
        signal: controller.signal,
        onProgress: (progress) => {
          if (current()) this.#set({ ...this.#get(), progress });
        },
      });
      if (!current()) return { kind: "replaced" };
      before?.();
      this.#set({ ...EMPTY, data });
      return { kind: "done", data };
    } catch (error) {
      if (!current()) return { kind: "replaced" };
      const cancelled = error instanceof FacetError && error.code === "Cancelled";
      this.#set({
        ...this.#get(),
        running: false,
        progress: null,
        error: cancelled ? null : toPlainError(error),
      });
      return { kind: "failed", error };
    }
  }

  /** Stops what runs; the last result stays, marked as old. */
  stop(): void {
    this.#controller?.abort();
  }

  /** Stops what runs and forgets everything. */
  clear(): void {
    this.#controller?.abort();
    this.#controller = null;
    this.#set(EMPTY);
  }

  /** Stops what runs and forgets its errors; the last result stays, marked as belonging to something older. */
  expire(): void {
    this.#controller?.abort();
    this.#controller = null;
    const { data } = this.#get();
    this.#set({ ...EMPTY, data, stale: data !== null });
  }
}
