// A scan under way: takes batches of a corpus, runs them to the hook and adds what fires to the state. It goes in steps,
// between which other jobs run, and can go on from wherever a batch ended with the same numbers as if it had not stopped.

import { isKnown } from "../../analysis/loss.ts";
import { ROW_STATS, ROW_STATS_COLUMNS, type SparseRows } from "../../backend/backend.ts";
import type { TextSource } from "../../corpus/textSource.ts";
import { defined } from "../../lib/defined.ts";
import { FacetError, throwIfCancelled } from "../../lib/errors.ts";
import type { JobOptions } from "../../lib/progress.ts";
import { withScope } from "../../lib/scope.ts";
import type { Sae } from "../../sae/sae.ts";
import type { ScanState } from "../../scan/state.ts";
import type { Cursor } from "../../scan/held.ts";
import { type CorpusBatch, corpusBatches } from "../contexts.ts";
import { hookPass } from "../passes/pass.ts";
import type { Session } from "../session.ts";
import { type Measured, measurePass, VerifySums } from "../passes/verifySums.ts";

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
  readonly measured: Omit<Measured, "features"> | null;
}

interface InFlight {
  readonly found: Promise<Found>;
}

/** The corpus as far as one step after another has read it. */
interface Reading {
  readonly batches: AsyncGenerator<CorpusBatch>;
  /** Read, and not yet added. */
  readonly taken: CorpusBatch[];
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
  /** Where the last step stopped; null while one runs, so that whatever ends a step, the next reads anew. */
  #reading: Reading | null = null;
  /** Counts steps: one that was given up with its device may end after the next has begun, and must not add anything. */
  #steps = 0;

  /** @param stepMs how long a step takes batches; the one that is on the device then is the last. */
  constructor(state: ScanState, cursor: Cursor, corpus: Corpus, stepMs: number) {
    this.#stepMs = stepMs;
    this.state = state;
    this.cursor = cursor;
    this.#corpus = corpus;
  }

  /** Runs some batches. After an error, a stop or a lost device the next step begins behind what was added. */
  async step(session: Session, options: JobOptions): Promise<void> {
    const step = ++this.#steps;
    const reading = this.#reading ?? this.#read(session, options);
    this.#reading = null;
    try {
      const until = performance.now() + this.#stepMs;
      let running = await this.#start(session, reading, 0, options);
      while (running) {
        const found = await running.found;
        // The next batch is sent to the device before this one is counted.
        const goOn = performance.now() < until && options.signal?.aborted !== true;
        const next = goOn ? await this.#start(session, reading, 1, options) : null;
        if (step !== this.#steps) throw new Error("This step was given up.");
        this.#add(session.sae.sae, reading, found);
        running = next;
      }
      throwIfCancelled(options.signal, "scanning");
      const finished = (await this.#take(reading, 0, options)) === null;
      if (step !== this.#steps) throw new Error("This step was given up.");
      this.state.finished = finished;
      this.#reading = reading;
    } catch (error) {
      // Closes the file; the error that counts is the one at hand.
      reading.batches.return(undefined).catch(() => undefined);
      throw error;
    }
  }

  /** What a step finds from now on is not added: whoever was told that it failed may save the state. */
  giveUp(): void {
    this.#steps++;
  }

  /** All steps of a run share its signal: a file in which no batch comes to an end can be left too. */
  #read(session: Session, { signal }: JobOptions): Reading {
    const { sources, documents } = this.#corpus;
    const reading = signal ? { signal } : {};
    return { batches: corpusBatches(session, sources, this.cursor, documents, reading), taken: [] };
  }

  /** Sends a batch to the device; null at the corpus' end. Not awaited here: hence the object around the promise. */
  async #start(
    session: Session,
    reading: Reading,
    ahead: number,
    options: JobOptions,
  ): Promise<InFlight | null> {
    const taken = await this.#take(reading, ahead, options);
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
  async #take(
    { batches, taken }: Reading,
    ahead: number,
    options: JobOptions,
  ): Promise<CorpusBatch | null> {
    while (taken.length <= ahead) {
      throwIfCancelled(options.signal, "scanning");
      const next = await batches.next();
      if (next.done === true) return null;
      taken.push(next.value);
    }
    return taken[ahead] ?? null;
  }

  #add(sae: Sae, reading: Reading, { features, squaredError, measured }: Found): void {
    const taken = reading.taken.shift();
    if (!taken) throw new Error("A batch came back that was not taken.");
    const { batch, places, withoutText, next, share } = taken;
    // What is no number would stay in the sums for good.
    if (measured?.losses?.some((loss, t) => measured.mask[t] === 1 && !isKnown(loss)) === true) {
      const { source, document } = defined(places[0]);
      throw new FacetError(
        "Unsupported",
        `Scanning from document ${document} in ${source} on: a loss there is no finite number, because sums overflowed 32-bit floats. Scan without the loss, or with another model or SAE.`,
      );
    }
    this.#fold ??= Float64Array.from(this.state.count, (_, feature) => sae.foldFactor(feature));
    const { ids } = batch;
    this.state.add({ contexts: places, withoutText, ids, features, squaredError }, this.#fold);
    if (measured) new VerifySums(sae.config.dIn, 1, this.state.sums).add({ ...measured, features });
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
      squaredError: Float32Array.from(batch.ids, (_, t) =>
        defined(stats[t * ROW_STATS_COLUMNS + ROW_STATS.squaredError]),
      ),
      measured: withMetrics
        ? await measurePass(session, batch, pass, "nonspecial", true, options)
        : null,
    };
  });
}
