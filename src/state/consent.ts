// What is asked before anything is read: a link may name a hub that its reader never used, and a model may be large, and
// so may what the loss reads of it. What was agreed to once is not asked again in this browser.

import type { Reads } from "../jobs/calls.ts";
import { FacetError } from "../lib/errors.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { OpenRequest, Precision } from "../lib/report.ts";
import type { WorkerClient } from "../worker/messages.ts";
import { type Memory, PUBLIC_HUB } from "./memory.ts";
import type { Question, State } from "./store.ts";
import { DEFAULT_VIEW, type View } from "./view.ts";

/** What reads more than this is asked about. */
const ASK_BYTES = 64 * 1024 * 1024;

/** What ships with the page and what lies on disk is opened at once. */
export function needsConsent({ model, sae }: Pick<View, "model" | "sae">): boolean {
  const atHand = (name: string): boolean => name.startsWith("local/");
  const bundled = model === DEFAULT_VIEW.model && !sae.includes("/");
  return !bundled && !(atHand(sae) && (atHand(model) || model === DEFAULT_VIEW.model));
}

/** Whether what such a job reads of the open model is so little that nobody need ask for it. */
export const readsLittle = ({ card }: State, reads: Reads): boolean =>
  card.data !== null &&
  (reads === "lens" ? card.data.model.embeddingBytes : card.data.model.lossBytes) <= ASK_BYTES;

interface Waiting {
  readonly question: Question;
  readonly answer: Promise<Precision | null>;
  readonly yes: (precision: Precision | null) => void;
  readonly no: () => void;
  /** Who waits for the answer; a question that nobody waits for any more is withdrawn. */
  callers: number;
}

export class Consent {
  readonly #client: WorkerClient;
  readonly #memory: Memory;
  readonly #show: (question: Question | null) => void;
  /** One is on show at a time; the others come after it. */
  readonly #waiting = new Map<string, Waiting>();

  constructor(client: WorkerClient, memory: Memory, show: (question: Question | null) => void) {
    this.#client = client;
    this.#memory = memory;
    this.#show = show;
  }

  /**
   * Resolves once opening was agreed to, with the precision to open in; rejects with `Cancelled` when the signal is
   * aborted, or when the reader says no.
   */
  async toOpen(view: View, request: OpenRequest, options: JobOptions): Promise<Precision | null> {
    const memory = this.#memory;
    const { endpoint, precision } = view;
    if (!needsConsent(view)) return precision;
    if (endpoint !== null && !memory.knowsEndpoint(endpoint)) {
      await this.#ask({ kind: "endpoint", endpoint }, options.signal);
      memory.rememberEndpoint(endpoint);
    }
    const download = downloadOf(view);
    if (memory.agreedTo(download)) return precision;
    const plan = await this.#client.call("plan", [request], options);
    if (plan.bytes <= ASK_BYTES) return precision;
    const chosen = await this.#ask({ kind: "download", plan }, options.signal);
    memory.rememberAgreement(download);
    memory.keepStorage();
    return chosen;
  }

  /** The same for what a job reads of the open model besides the blocks up to the hook. */
  async toRead(reads: Reads, state: State, options: JobOptions): Promise<void> {
    const { view, card } = state;
    if (card.data === null || !needsConsent(view) || readsLittle(state, reads)) return;
    if (this.#memory.agreedTo(`${downloadOf(view)} ${reads}`)) return;
    const { embeddingBytes, lossBytes } = card.data.model;
    const bytes = reads === "lens" ? embeddingBytes : lossBytes;
    await this.#ask({ kind: "reads", reads, bytes }, options.signal);
    this.agree(reads, view);
  }

  /** The reader has agreed to it otherwise: by pressing what says how much it reads. */
  agree(reads: Reads, view: View): void {
    this.#memory.rememberAgreement(`${downloadOf(view)} ${reads}`);
    this.#memory.keepStorage();
  }

  /** Yes to the question on show, and the precision chosen there. */
  goAhead(precision: Precision | null): void {
    this.#first?.yes(precision);
  }

  /** No to the question on show. */
  decline(): void {
    this.#first?.no();
  }

  get #first(): Waiting | undefined {
    return this.#waiting.values().next().value;
  }

  /** Whoever asks the same question waits for the same answer. */
  async #ask(question: Question, signal: AbortSignal | undefined): Promise<Precision | null> {
    const key = JSON.stringify(question);
    const waiting = this.#waiting.get(key) ?? this.#put(key, question);
    waiting.callers++;
    let leave = (): void => undefined;
    const left = new Promise<never>((_, reject) => {
      leave = () => {
        reject(declined());
        if (--waiting.callers === 0) waiting.no();
      };
      signal?.addEventListener("abort", leave);
      if (signal?.aborted) leave();
    });
    try {
      return await Promise.race([waiting.answer, left]);
    } finally {
      signal?.removeEventListener("abort", leave);
    }
  }

  #put(key: string, question: Question): Waiting {
    let resolve: (precision: Precision | null) => void = () => undefined;
    let reject: (error: FacetError) => void = () => undefined;
    const answer = new Promise<Precision | null>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    answer.catch(() => undefined); // told to whoever waits
    const settled = (): void => {
      if (this.#waiting.get(key) !== waiting) return;
      this.#waiting.delete(key);
      this.#show(this.#first?.question ?? null);
    };
    const waiting: Waiting = {
      question,
      answer,
      yes: (precision) => {
        settled();
        resolve(precision);
      },
      no: () => {
        settled();
        reject(declined());
      },
      callers: 0,
    };
    this.#waiting.set(key, waiting);
    this.#show(this.#first?.question ?? null);
    return waiting;
  }
}

const declined = (): FacetError => new FacetError("Cancelled", "Reading it was declined.");

const downloadOf = ({ endpoint, model, sae }: View): string =>
  [endpoint ?? PUBLIC_HUB, model, sae].join(" ");
