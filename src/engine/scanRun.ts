// A scan under way: takes batches of a corpus, runs them to the hook and adds what fires to the state. It goes in steps,
// between which other jobs run, and can go on from wherever a batch ended with the same numbers as if it had not stopped.

import { ROW_STATS, ROW_STATS_COLUMNS, type SparseRows } from "../backend/backend.ts";
import type { TextSource } from "../corpus/textSource.ts";
import { throwIfCancelled } from "../lib/errors.ts";
import type { JobOptions } from "../lib/progress.ts";
import { withScope } from "../lib/scope.ts";
import type { Sae } from "../sae/sae.ts";
import type { ScanState } from "../scan/state.ts";
import { type CorpusBatch, corpusBatches, type Cursor } from "./contexts.ts";
import { hookPass } from "./pass.ts";
import type { Session } from "./session.ts";
import { type Measured, measurePass, VerifySums } from "./verifySums.ts";

export interface Corpus {
  readonly sources: readonly TextSource[];
  /** Documents of each source at most. */
  readonly documents: number;
}

/** What one batch brings back. */
interface Found {
  readonly features: SparseRows;
  /** ‖x − x̂‖², [T]. */
  readonly squaredError: Float32Array;
  /** null where Verify's metrics were not asked for. */
  readonly measured: Measured | null;
}

interface InFlight {
  readonly found: Promise<Found>;
}

export class ScanRun {
  readonly state: ScanState;
  /** Where the next batch begins. */
  cursor: Cursor;
  /** Of the corpus that lies behind, 0 to 1. */
  share = 0;
  readonly #corpus: Corpus;
  readonly #stepMs: number;
  /** raw → folded, [d_sae]. */
  #fold: Float64Array | null = null;
  #batches: AsyncGenerator<CorpusBatch> | null = null;
  /** Read, and not yet added. */
  readonly #taken: CorpusBatch[] = [];

  /** @param stepMs how long a step takes batches; the one that is on the device then is the last. */
  constructor(state: ScanState, cursor: Cursor, corpus: Corpus, stepMs: number) {
    this.#stepMs = stepMs;
    this.state = state;
    this.cursor = cursor;
    this.#corpus = corpus;
  }

  /** Runs some batches. After an error or a stop the next step begins behind what was added. */
  async step(session: Session, options: JobOptions): Promise<void> {
    try {
      await this.#step(session, options);
    } catch (error) {
      this.#taken.length = 0;
      const batches = this.#batches;
      this.#batches = null;
      // Closes the file; the error that counts is the one at hand.
      batches?.return(undefined).catch(() => undefined);
      throw error;
    }
  }

  async #step(session: Session, options: JobOptions): Promise<void> {
    const until = performance.now() + this.#stepMs;
    let running = await this.#start(session, 0, options);
    while (running) {
      const found = await running.found;
      // The next batch is sent to the device before this one is counted.
      const goOn = performance.now() < until && options.signal?.aborted !== true;
      const next = goOn ? await this.#start(session, 1, options) : null;
      this.#add(session.sae.sae, found);
      running = next;
    }
    throwIfCancelled(options.signal, "scanning");
    this.state.finished = (await this.#take(session, 0, options)) === null;
  }

  /** Sends a batch to the device; null at the corpus' end. Not awaited here: hence the object around the promise. */
  async #start(session: Session, ahead: number, options: JobOptions): Promise<InFlight | null> {
    const taken = await this.#take(session, ahead, options);
    if (taken === null) return null;
    const found = find(session, taken, this.state.sums.length > 0, this.#quiet(options));
    // Awaited in the next round; a failure before that is not unhandled.
    found.catch(() => undefined);
    return { found };
  }

  /** Weights that the first batch loads are told of; what is read again with each one is not. */
  #quiet(options: JobOptions): JobOptions {
    if (this.#fold === null) return options;
    return options.signal ? { signal: options.signal } : {};
  }

  /** The batch after so many that were taken; null at the corpus' end. */
  async #take(session: Session, ahead: number, options: JobOptions): Promise<CorpusBatch | null> {
    const { sources, documents } = this.#corpus;
    this.#batches ??= corpusBatches(session, sources, this.cursor, documents, {});
    while (this.#taken.length <= ahead) {
      throwIfCancelled(options.signal, "scanning");
      const next = await this.#batches.next();
      if (next.done === true) return null;
      this.#taken.push(next.value);
    }
    return this.#taken[ahead] ?? null;
  }

  #add(sae: Sae, { features, squaredError, measured }: Found): void {
    const taken = this.#taken.shift();
    if (!taken) throw new Error("A batch came back that was not taken.");
    const { batch, places, next, share } = taken;
    this.#fold ??= Float64Array.from(this.state.count, (_, feature) => sae.foldFactor(feature));
    this.state.add({ contexts: places, ids: batch.ids, features, squaredError }, this.#fold);
    if (measured) new VerifySums(sae.config.dIn, 1, this.state.sums).add(measured);
    this.cursor = next;
    this.share = share;
  }
}

async function find(
  session: Session,
  { batch }: CorpusBatch,
  withMetrics: boolean,
  options: JobOptions,
): Promise<Found> {
  const { backend } = session;
  return withScope(async (own) => {
    const pass = own(await hookPass(session, batch, options));
    const rowStats = own(backend.rowStats(pass.x, pass.xHat));
    const [features, stats] = await Promise.all([
      backend.readFeatures(pass.encoded.features),
      backend.read(rowStats),
    ]);
    return {
      features,
      squaredError: Float32Array.from(
        batch.ids,
        (_, t) => stats[t * ROW_STATS_COLUMNS + ROW_STATS.squaredError] ?? NaN,
      ),
      measured: withMetrics
        ? await measurePass(session, batch, pass, "nonspecial", true, options)
        : null,
    };
  });
}
