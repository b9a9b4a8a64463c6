// What is asked before anything is read: a link may name a hub that its reader never used, and a model may be large.
// What was agreed to once is not asked again in this browser.

import { FacetError } from "../lib/errors.ts";
import type { OpenRequest, Precision } from "../lib/report.ts";
import type { CallOptions, WorkerClient } from "../worker/protocol.ts";
import { type Memory, PUBLIC_HUB } from "./memory.ts";
import type { Question } from "./store.ts";
import { DEFAULT_VIEW, type View } from "./view.ts";

/** What reads more than this is asked about. */
export const ASK_BYTES = 64 * 1024 * 1024;

/** What ships with the page and what lies on disk is opened at once. */
export function needsConsent({ model, sae }: View): boolean {
  const atHand = (name: string): boolean => name.startsWith("local/");
  const bundled = model === DEFAULT_VIEW.model && !sae.includes("/");
  return !bundled && !(atHand(sae) && (atHand(model) || model === DEFAULT_VIEW.model));
}

export class Consent {
  readonly #client: WorkerClient;
  readonly #memory: Memory;
  readonly #show: (question: Question | null) => void;
  #yes: ((precision: Precision | null) => void) | null = null;
  #no: (() => void) | null = null;

  constructor(client: WorkerClient, memory: Memory, show: (question: Question | null) => void) {
    this.#client = client;
    this.#memory = memory;
    this.#show = show;
  }

  /**
   * Resolves once everything was agreed to, with the precision to open in; rejects with `Cancelled` when the signal is
   * aborted, or when the reader says no.
   */
  async ask(view: View, request: OpenRequest, options: CallOptions): Promise<Precision | null> {
    const memory = this.#memory;
    const { endpoint, precision } = view;
    if (endpoint !== null && !memory.knowsEndpoint(endpoint)) {
      await this.#answer({ kind: "endpoint", endpoint }, options.signal);
      memory.rememberEndpoint(endpoint);
    }
    const download = [endpoint ?? PUBLIC_HUB, view.model, view.sae].join(" ");
    if (memory.agreedTo(download)) return precision;
    const plan = await this.#client.call("plan", [request], options);
    if (plan.bytes <= ASK_BYTES) return precision;
    const chosen = await this.#answer({ kind: "download", plan }, options.signal);
    memory.rememberAgreement(download);
    memory.keepStorage();
    return chosen;
  }

  /** Yes to the question on show, and the precision chosen there. */
  goAhead(precision: Precision | null): void {
    this.#yes?.(precision);
  }

  /** No to the question on show. */
  decline(): void {
    this.#no?.();
  }

  #answer(question: Question, signal: AbortSignal | undefined): Promise<Precision | null> {
    // One is on show at a time: whoever asked before may ask again.
    this.decline();
    return new Promise((resolve, reject) => {
      const settled = (): void => {
        this.#yes = null;
        this.#no = null;
        signal?.removeEventListener("abort", no);
        this.#show(null);
      };
      const no = (): void => {
        settled();
        reject(new FacetError("Cancelled", "Opening was declined."));
      };
      this.#no = no;
      this.#yes = (precision) => {
        settled();
        resolve(precision);
      };
      signal?.addEventListener("abort", no);
      this.#show(question);
    });
  }
}
