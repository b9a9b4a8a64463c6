// What is asked before anything is read: a link may name a hub that its reader never used, and a model may be large.
// What was agreed to once is not asked again in this browser.

import { FacetError } from "../lib/errors.ts";
import type { OpenRequest } from "../lib/report.ts";
import type { CallOptions, WorkerClient } from "../worker/protocol.ts";
import { type Memory, PUBLIC_HUB } from "./memory.ts";
import type { Question } from "./store.ts";
import { DEFAULT_VIEW, type View } from "./view.ts";

/** Opening that reads more than this is asked about. */
const ASK_BYTES = 64 * 1024 * 1024;

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
  #yes: (() => void) | null = null;

  constructor(client: WorkerClient, memory: Memory, show: (question: Question | null) => void) {
    this.#client = client;
    this.#memory = memory;
    this.#show = show;
  }

  /** Resolves once everything was agreed to; rejects with `Cancelled` when the signal is aborted. */
  async ask(view: View, request: OpenRequest, options: CallOptions): Promise<void> {
    const memory = this.#memory;
    const { endpoint } = view;
    if (endpoint !== null && !memory.knowsEndpoint(endpoint)) {
      await this.#answer({ kind: "endpoint", endpoint }, options.signal);
      memory.rememberEndpoint(endpoint);
    }
    const download = [endpoint ?? PUBLIC_HUB, view.model, view.sae].join(" ");
    if (memory.agreedTo(download)) return;
    const plan = await this.#client.call("plan", [request], options);
    if (plan.bytes <= ASK_BYTES) return;
    await this.#answer({ kind: "download", plan }, options.signal);
    memory.rememberAgreement(download);
  }

  /** Yes to the question on show. */
  goAhead(): void {
    this.#yes?.();
  }

  #answer(question: Question, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (how: () => void) => (): void => {
        this.#yes = null;
        this.#show(null);
        how();
      };
      this.#yes = settle(resolve);
      const no = settle(() => reject(new FacetError("Cancelled", "Opening was declined.")));
      signal?.addEventListener("abort", no, { once: true });
      this.#show(question);
    });
  }
}
