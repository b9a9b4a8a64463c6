// What is open, and the queue of what runs on it: calls one after another, in the order they were asked for. A lost device
// is rebuilt once; a second loss within a minute is an error. It knows no job (src/jobs).

import { FacetError, throwIfCancelled } from "../lib/errors.ts";
import type { OpenCard, OpenPlan } from "../lib/openCard.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { Catalog, OpenRequest } from "../lib/report.ts";
import { Beside } from "./beside.ts";
import { openCard } from "./card.ts";
import { type Backends, chooseBackend, type Chosen } from "./chooseBackend.ts";
import type { Library } from "./library/library.ts";
import { untilLost, watchLoss } from "./loss.ts";
import { closeSession, openSession, prepare } from "./openSession.ts";
import { planOpen } from "./plan.ts";
import { IdleTuning } from "./idleTuning.ts";
import { type ScanPlace, Scans } from "./scans/scans.ts";
import { identity, type Opened, type Session } from "./session.ts";

/** A second loss within this time is not healed: something is wrong with the device or with what we ask of it. */
const LOSS_WINDOW_MS = 60_000;

interface Held {
  readonly session: Session;
  readonly request: OpenRequest;
  readonly chosen: Chosen;
}

export class Engine {
  readonly scans: Scans;
  readonly #library: Library;
  readonly #backends: Backends;
  readonly #onNotice: (text: string) => void;
  readonly #now: () => number;
  /** Opened to be compared with what is open. */
  readonly #beside: Beside;
  #held: Held | null = null;
  /** What was open when the device was lost, while it is rebuilt or where that failed. */
  #lost: Held | null = null;
  #healing: Promise<void> | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  readonly #idleTuning = new IdleTuning();
  #lastLoss = -Infinity;
  #gaveUp = false;

  constructor(parts: {
    library: Library;
    backends: Backends;
    /** Something the reader should know that no call asked for. */
    onNotice: (text: string) => void;
    /** Milliseconds; a test's clock may stand in. */
    now?: () => number;
    /** Without one scans last as long as the engine. */
    scans?: ScanPlace;
  }) {
    this.#library = parts.library;
    this.#beside = new Beside(parts.library);
    this.#backends = parts.backends;
    this.#onNotice = parts.onNotice;
    this.#now = parts.now ?? (() => performance.now());
    this.scans = new Scans(
      {
        turn: (doing, options, work) => this.turn(doing, options, ({ session }) => work(session)),
        session: (options) => this.#session(options)?.session ?? null,
        onNotice: parts.onNotice,
      },
      parts.scans ?? { store: null, openDataset: null },
    );
  }

  catalog(options: JobOptions = {}): Promise<Catalog> {
    return this.#library.catalog(options);
  }

  /** What `open` would read; it waits for nothing and changes nothing. */
  plan(request: OpenRequest, options: JobOptions = {}): Promise<OpenPlan> {
    return planOpen(this.#library, request, options);
  }

  /** Opens a model and an SAE; on failure what was open stays open. */
  open(request: OpenRequest, options: JobOptions = {}): Promise<OpenCard> {
    return this.#enqueue("opening a model", options, () => this.#open(request, options));
  }

  /** Runs work on what is open, once everything asked for before is done; again where the device was lost meanwhile. */
  turn<T>(doing: string, options: JobOptions, work: (opened: Opened) => Promise<T>): Promise<T> {
    return this.#enqueue(doing, options, async () => {
      for (;;) {
        await this.#healed(doing, options.signal);
        const held = this.#session(options);
        if (!held) throw this.#nothingOpen(doing);
        const { session, request } = held;
        const beside = (other: OpenRequest, how: JobOptions) =>
          this.#beside.open(session, other, how);
        try {
          const { backend } = session;
          return await untilLost(backend, doing, () => work({ session, request, beside }));
        } catch (error) {
          if (!(error instanceof FacetError)) throw error;
          if (error.code === "DeviceLost") this.#heal(held, error);
          else if (error.code === "OutOfMemory" && this.#stream(held)) continue;
          else throw error;
        }
      }
    });
  }

  async #open(request: OpenRequest, options: JobOptions): Promise<OpenCard> {
    // What is being rebuilt is what this would replace.
    await this.#healing?.catch(() => undefined);
    this.#beside.close();
    const held = this.#held;
    const kept = held && canKeep(held, request) ? held : null;
    const { chosen, session } = await this.#openOn(
      kept?.chosen ?? chooseBackend(this.#backends, request.backend),
      request,
      kept?.session ?? null,
      options,
    );
    if (held) closeSession(held.session, session);
    this.#lost = null;
    this.#gaveUp = false;
    const notices = chosen.notice === null ? [] : [chosen.notice];
    return openCard(session, request, await this.#backends.options(), notices);
  }

  /** Opens; what was open before is the caller's to close. Files are read while the backend starts. */
  async #openOn(
    choosing: Chosen | Promise<Chosen>,
    request: OpenRequest,
    before: Session | null,
    options: JobOptions,
  ): Promise<Held> {
    const preparing = prepare(this.#library, request, before, options);
    preparing.catch(() => undefined); // awaited below, once the backend is there
    const chosen = await choosing;
    try {
      const session = await openSession(chosen.backend, await preparing, request, options);
      const held = { session, request, chosen };
      watchLoss(chosen.backend);
      this.#held = held;
      return held;
    } catch (error) {
      if (chosen.backend !== before?.backend) chosen.backend.dispose();
      throw error;
    }
  }

  #enqueue<T>(doing: string, options: JobOptions, work: () => Promise<T>): Promise<T> {
    this.#idleTuning.begin();
    const result = this.#queue
      .then(() => {
        throwIfCancelled(options.signal, doing);
        return work();
      })
      .finally(() => this.#idleTuning.end(this.#held?.session.backend ?? null));
    // The queue goes on whatever becomes of this job; its caller gets the error.
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** What is open; throws where the call is of something else that was. */
  #session({ on }: JobOptions): Held | null {
    const held = this.#held;
    if (held && on !== undefined && on !== identity(held.session)) {
      throw new FacetError("Cancelled", "Stopped: another model or SAE was opened meanwhile.");
    }
    return held;
  }

  /**
   * Rebuilds the device and what was open on it. It belongs to no call: whoever asked may stop waiting, and the next
   * call finds it done. A second loss soon after is not healed.
   */
  #heal(held: Held, loss: FacetError): void {
    if (this.#held !== held) return;
    const again = this.#now() - this.#lastLoss < LOSS_WINDOW_MS;
    this.#lastLoss = this.#now();
    this.#held = null;
    this.#beside.close();
    closeSession(held.session, null);
    if (again) {
      this.#gaveUp = true;
      throw new FacetError(
        "DeviceLost",
        "The GPU was lost twice within a minute, so Facet stopped using it. Reload the page, close other pages that use the GPU, or choose another backend.",
        loss,
      );
    }
    this.#lost = held;
  }

  /** Waits until what was lost is open again; a rebuilding that failed is tried again by the next call. */
  async #healed(doing: string, signal: AbortSignal | undefined): Promise<void> {
    const lost = this.#lost;
    if (lost === null) return;
    this.#healing ??= this.#rebuild(lost).finally(() => (this.#healing = null));
    this.#healing.catch(() => undefined); // who waits is told
    await untilCancelled(this.#healing, doing, signal);
  }

  async #rebuild({ session, request, chosen }: Held): Promise<void> {
    const { name } = session.backend;
    const backend = await this.#backends.start(name);
    await this.#openOn({ backend, notice: chosen.notice }, request, null, {});
    this.#lost = null;
    this.#onNotice("The GPU was lost. The model was loaded again and the work went on.");
  }

  /** Memory ran out: lets the weights stream instead of staying. False where they do already. */
  #stream({ session }: Held): boolean {
    const { weights } = session.model.gemma;
    if (weights.residency === "streamed") return false;
    weights.stream();
    this.#onNotice(
      "The device's memory ran out: the model's blocks now stream through it one after another, which takes longer.",
    );
    return true;
  }

  #nothingOpen(doing: string): FacetError {
    return this.#gaveUp
      ? new FacetError(
          "DeviceLost",
          `While ${doing}: nothing is open since the GPU was lost. Open a model again, or choose another backend.`,
        )
      : new FacetError("NoBackend", `While ${doing}: no model is open. Open one first.`);
  }
}

/** The running backend serves the request: it is the one asked for, or nothing else was asked for than before. */
function canKeep({ chosen, request }: Held, next: OpenRequest): boolean {
  const lost = watchLoss(chosen.backend).reason !== null;
  return !lost && (next.backend === request.backend || next.backend === chosen.backend.name);
}

/** The work's end, or `Cancelled` as soon as the signal says so: the work itself goes on. */
async function untilCancelled(
  work: Promise<void>,
  doing: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  throwIfCancelled(signal, doing);
  let stop = (): void => undefined;
  const cancelled = new Promise<never>((_, reject) => {
    stop = () => reject(new FacetError("Cancelled", `Stopped while ${doing}.`, signal?.reason));
    signal?.addEventListener("abort", stop);
  });
  try {
    await Promise.race([work, cancelled]);
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}
