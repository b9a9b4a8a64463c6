// The scans of the engine: runs one, and answers what scans say of the features of the open SAE. A scan runs as a row of
// short jobs, so that a reader can go on reading meanwhile.

import { FacetError } from "../../lib/errors.ts";
import type { ByteSource } from "../../lib/byteSource.ts";
import type { JobOptions } from "../../lib/progress.ts";
import type {
  DamagedScan,
  FeatureScan,
  KeptScan,
  ScanProvenance,
  ScanRequest,
  ScanSummary,
} from "../../lib/scan.ts";
import type { ScanPart } from "../../scan/part/part.ts";
import { featureScan, scanProvenance, scanSummary } from "../../scan/featureScan.ts";
import type { ScanSettings } from "../../scan/settings.ts";
import { merge, ScanState } from "../../scan/state.ts";
import { stateHead } from "../../scan/stored.ts";
import { openCorpus, type OpenDataset } from "../library/corpus.ts";
import { assertFeature, pieceOf } from "../input.ts";
import { fitOf, planOf, scanId } from "./scanPlan.ts";
import { ScanRun } from "./scanRun.ts";
import { ScanCatalog } from "./scanCatalog.ts";
import type { HeldScan, ScanNote } from "../../scan/held.ts";
import type { ScanStore } from "./scanStore.ts";
import { provenance, type Session } from "../session.ts";
import { VerifySums } from "../passes/verifySums.ts";

/** For so long, and a batch more, do other jobs wait. */
const STEP_MS = 200;
const SAVE_EVERY_MS = 5000;
/** A large scan takes seconds to save: no more than this share of its time. */
const SAVE_SHARE = 0.05;
const START = { source: 0, document: 0, token: 0 };

export interface ScansParts {
  /** Runs a part of the work in its turn, on what is open then. */
  readonly turn: <T>(
    doing: string,
    options: JobOptions,
    work: (session: Session) => Promise<T>,
  ) => Promise<T>;
  readonly session: (options: JobOptions) => Session | null;
  readonly onNotice: (text: string) => void;
}

/** What scans need of the place that the engine runs in. */
export interface ScanPlace {
  /** null where nothing can be kept. */
  readonly store: (() => Promise<ScanStore | null>) | null;
  /** null where no hub can be reached. */
  readonly openDataset: OpenDataset | null;
  /** How much to keep of each feature, where it is not what the SAE's size suggests. */
  readonly settings?: Partial<ScanSettings>;
  /** A test may want steps of one batch, and a saving after each. */
  readonly stepMs?: number;
  readonly saveEveryMs?: number;
}

interface Running {
  readonly run: ScanRun;
  readonly note: Omit<ScanNote, "cursor" | "share" | "saved">;
}

export class Scans {
  readonly #parts: ScansParts;
  readonly #place: ScanPlace;
  readonly #catalog: ScanCatalog;
  #running: Running | null = null;

  constructor(parts: ScansParts, place: ScanPlace) {
    this.#parts = parts;
    this.#place = place;
    this.#catalog = new ScanCatalog(place.store, parts.onNotice);
  }

  /**
   * Runs a scan to its end, from where it was stopped if it was. Stopping it keeps what there is: the same request goes
   * on from there, also after a reload. A scan that is done is not run again.
   */
  async run(request: ScanRequest, options: JobOptions = {}): Promise<ScanSummary> {
    const running = await this.#parts.turn("opening a corpus", options, (session) =>
      this.#begin(session, request, options),
    );
    try {
      await this.#steps(running, options);
    } finally {
      running.run.giveUp();
      this.#running = null;
      await this.#catalog.save(heldNow(running));
    }
    assertText(running.note.corpus, running.run.state);
    return this.#summary(heldNow(running));
  }

  /** Of the scan named, else of the newest that fits best what is open; null where there is none. */
  async summary(id: string | null, options: JobOptions = {}): Promise<ScanSummary | null> {
    const scan = await this.#catalog.find(this.#session(options), id);
    return scan && this.#summary(scan);
  }

  async feature(
    index: number,
    id: string | null,
    options: JobOptions = {},
  ): Promise<FeatureScan | null> {
    const session = this.#session(options);
    assertFeature(session, index);
    const scan = await this.#catalog.find(session, id);
    if (!scan) return null;
    return featureScan(scan.state, index, told(scan), (token) => pieceOf(session.model, token));
  }

  /** For each of `others` the share of tokens that both fired on, of those that either did; null where it is unknown. */
  async coActivation(
    index: number,
    others: readonly number[],
    id: string | null,
    options: JobOptions = {},
  ): Promise<(number | null)[]> {
    const session = this.#session(options);
    for (const feature of [index, ...others]) assertFeature(session, feature);
    const scan = await this.#catalog.find(session, id);
    return others.map((other) => scan?.state.sketches.jaccard(index, other) ?? null);
  }

  list(): Promise<(KeptScan | DamagedScan)[]> {
    return this.#catalog.list(this.#parts.session({}), this.#running?.note.id ?? null);
  }

  async remove(id: string): Promise<void> {
    if (this.#running?.note.id === id) {
      throw new FacetError("Mismatch", "Deleting a scan: it is running. Stop it first.");
    }
    await this.#catalog.remove(id);
  }

  /** A kept scan as a Parquet file; null where there is none of that name. */
  async export(id: string, options: JobOptions = {}): Promise<Uint8Array | null> {
    const scan = await this.#catalog.find(this.#session(options), id);
    if (!scan) return null;
    const { writePart } = await import("../../scan/part/writePart.ts");
    const { corpus, provenance: made } = scan.note;
    return writePart({ corpus, provenance: made, state: scan.state });
  }

  /** Keeps a scan that was exported, here or elsewhere; the name to find it by. */
  async import(source: ByteSource): Promise<string> {
    const { readPart } = await import("../../scan/part/readPart.ts");
    return this.#keep(await readPart(source));
  }

  /** Keeps the sum of two scans of different documents. */
  async merge(first: string, second: string, options: JobOptions = {}): Promise<string> {
    const session = this.#session(options);
    const [a, b] = [
      await this.#catalog.find(session, first),
      await this.#catalog.find(session, second),
    ];
    if (!a || !b) throw new FacetError("EntryNotFound", "Merging two scans: one is not there.");
    return this.#keep({
      corpus: `${a.note.corpus} and ${b.note.corpus}`,
      provenance: a.note.provenance,
      state: merge(a.state, b.state),
    });
  }

  async #keep({ corpus, provenance: made, state }: ScanPart): Promise<string> {
    assertText(corpus, state);
    const head = stateHead(state);
    const id = scanId(state.plan, JSON.stringify([head.sources, head.tokens]), null);
    // Nothing is left to read: there is no corpus behind it.
    const note = { id, corpus, provenance: made, request: null, cursor: START, share: 1 };
    await this.#catalog.save({ note: { ...note, saved: Date.now() }, state });
    return id;
  }

  async #begin(session: Session, request: ScanRequest, options: JobOptions): Promise<Running> {
    if (this.#running) {
      throw new FacetError("Mismatch", "Scanning: another scan is running. Stop it first.");
    }
    const corpus = await openCorpus(session, request.corpus, this.#place.openDataset, options);
    const plan = planOf(session, request.metrics ?? false, this.#place.settings);
    const id = scanId(plan, corpus.key, request.documents ?? null);
    const before = await this.#catalog.resume(id);
    const state = before?.state ?? new ScanState(plan);
    const sources = { sources: corpus.sources, documents: request.documents ?? Infinity };
    const cursor = before?.note.cursor ?? START;
    const run = new ScanRun(state, cursor, sources, this.#place.stepMs ?? STEP_MS);
    run.share = before?.note.share ?? 0;
    const note = { id, corpus: corpus.name, provenance: provenance(session) };
    const running = { run, note: { ...note, request: repeatable(request) } };
    this.#running = running;
    this.#catalog.hold(heldNow(running));
    return running;
  }

  async #steps(running: Running, options: JobOptions): Promise<void> {
    const { run } = running;
    const every = this.#place.saveEveryMs ?? SAVE_EVERY_MS;
    let saved = performance.now();
    let saving = 0;
    while (!run.state.finished) {
      await this.#parts.turn("scanning", options, async (session) => {
        if (fitOf(run.state.plan, session) < 2) {
          throw new FacetError(
            "Cancelled",
            "The scan was stopped, because another model or SAE was opened. What was scanned is kept: open the first again to go on.",
          );
        }
        await run.step(session, options);
      });
      const { tokens } = run.state;
      const total = run.share > 0 ? Math.round(tokens / run.share) : null;
      options.onProgress?.({ stage: "Scanning", done: tokens, total, unit: "tokens" });
      const now = performance.now();
      if (now - saved >= Math.max(every, saving / SAVE_SHARE) && !run.state.finished) {
        await this.#catalog.save(heldNow(running));
        saved = performance.now();
        saving = saved - now;
      }
    }
  }

  #summary(scan: HeldScan): ScanSummary {
    const { state } = scan;
    const { dIn } = scan.note.provenance.sae;
    const { vocab } = this.#session().model.gemma.config;
    const metrics =
      state.sums.length > 0 ? new VerifySums(dIn, vocab, state.sums).metrics(null) : null;
    return { ...scanSummary(state, told(scan), metrics), id: scan.note.id };
  }

  #session(options: JobOptions = {}): Session {
    const session = this.#parts.session(options);
    if (session) return session;
    throw new FacetError("NoBackend", "Reading a scan: no model is open. Open one first.");
  }
}

/** A scan of nothing would say of each feature that it never fires. */
function assertText(corpus: string, { contexts }: ScanState): void {
  if (contexts > 0) return;
  throw new FacetError(
    "Format",
    `Scanning ${corpus}: there is no text in it. It is empty, or its rows have none in the column that was named.`,
  );
}

/** The scan as it stands: the state goes on growing, the note says how far it was. */
const heldNow = ({ run, note }: Running): HeldScan => ({
  note: { ...note, cursor: run.cursor, share: run.share, saved: Date.now() },
  state: run.state,
});

const told = ({ note, state }: HeldScan): ScanProvenance => ({
  ...note.provenance,
  ...scanProvenance(stateHead(state)),
});

/** What can be asked again from what is kept: no access token, and no files. */
function repeatable(request: ScanRequest): ScanRequest | null {
  const { corpus } = request;
  if (corpus.kind === "files") return null;
  if (corpus.kind === "bundled") return request;
  const { token: _token, ...rest } = corpus;
  return { ...request, corpus: rest };
}
