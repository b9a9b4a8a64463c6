// The scans there are, wherever they are: the one in memory, those stored in this browser, the one that ships with the
// open SAE. The storage is a convenience: where it fails, the reader is told and scans last as long as the tab.

import { defined } from "../../lib/defined.ts";
import { describe, FacetError } from "../../lib/errors.ts";
import type { DamagedScan, KeptScan } from "../../lib/scan.ts";
import { scanProvenance } from "../../scan/featureScan.ts";
import { stateHead, type StateHead } from "../../scan/stored.ts";
import { isLocal } from "../library/localLibrary.ts";
import { fitOf } from "./scanPlan.ts";
import type { HeldScan, ScanNote, StoredScan } from "../../scan/held.ts";
import { isLess, type ScanStore } from "./scanStore.ts";
import type { Session } from "../session.ts";

/** Id of the scan that ships with the open SAE. */
export const SHIPPED = "shipped";

interface Entry {
  readonly note: ScanNote;
  readonly head: StateHead;
  readonly bytes: number;
  load(): Promise<HeldScan | null>;
}

interface Stored {
  readonly store: ScanStore | null;
  readonly scans: readonly StoredScan[];
  readonly damaged: readonly DamagedScan[];
}

export class ScanCatalog {
  readonly #open: () => Promise<ScanStore | null>;
  readonly #keeps: boolean;
  readonly #onNotice: (text: string) => void;
  /** The last one that was run or read: of those that are stored, no more than one stands in memory. */
  #held: HeldScan | null = null;
  /** Of the last session that asked. */
  #shipped: { session: Session; scan: Promise<HeldScan | null> } | null = null;
  /** As it was listed last, until something is kept or deleted here: asked for with every feature. */
  #listed: Stored | null = null;
  /** Whose numbers turned out to be damaged when they were read; by id, with what is wrong. */
  readonly #damaged = new Map<string, string>();
  #failed = false;
  /** The reader was told that the storage cannot be read. */
  #unread = false;

  /** @param open null where scans are to last no longer than the tab. */
  constructor(open: (() => Promise<ScanStore | null>) | null, onNotice: (text: string) => void) {
    this.#open = open ?? (async () => null);
    this.#keeps = open !== null;
    this.#onNotice = onNotice;
  }

  /** From now on the scan in memory; it may go on growing. */
  hold(scan: HeldScan): void {
    this.#held = scan;
  }

  /** A scan that has seen no text yet is none to keep. */
  async save(scan: HeldScan): Promise<void> {
    const { id, provenance } = scan.note;
    if (scan.state.contexts === 0) {
      if (this.#held?.note.id === id) this.#held = null;
      return;
    }
    this.hold(scan);
    const { model, sae } = provenance;
    // A folder can change under its name: what was scanned of it lasts as long as the tab.
    if (!this.#keeps || this.#failed || isLocal(model.source) || isLocal(sae.source)) return;
    this.#listed = null;
    try {
      const store = await this.#open();
      if (store === null) this.#fail("it offers this page no storage");
      // Where another tab has come further, its numbers are the scan's.
      else if (!(await store.save(scan))) this.#held = null;
      else this.#damaged.delete(id);
    } catch (error) {
      this.#fail(describe(error));
    }
  }

  #fail(found: string): void {
    this.#failed = true;
    this.#onNotice(
      `Scans cannot be kept in this browser (${found}). This one goes on, but a reload will lose it. Delete something under Sources, or free disk space.`,
    );
  }

  async remove(id: string): Promise<void> {
    if (id === SHIPPED) {
      throw new FacetError("Unsupported", "Deleting a scan: this one ships with the page.");
    }
    if (this.#held?.note.id === id) this.#held = null;
    this.#listed = null;
    await (await this.#open())?.remove(id);
    this.#damaged.delete(id);
    // There is room again.
    this.#failed = false;
  }

  /** @param id null for the first in the list that fits what is open and has seen a text. */
  async find(session: Session, id: string | null): Promise<HeldScan | null> {
    if (id !== null && this.#held?.note.id === id) return this.#held;
    const entries = await this.#entries(session, this.#listed ?? (await this.#list()));
    if (id !== null) {
      const why =
        this.#damaged.get(id) ?? this.#listed?.damaged.find((one) => one.id === id)?.damaged;
      if (why !== undefined)
        throw new FacetError("Format", `Opening a kept scan: ${why}. Delete it and scan again.`);
      return this.#take(entries.find(({ note }) => note.id === id));
    }
    for (const entry of entries) {
      if (fitOf(entry.head.plan, session) === 0 || entry.head.tokens === 0) continue;
      try {
        return await this.#take(entry);
      } catch (error) {
        if (entry.note.id === SHIPPED) throw error;
        // The next one is told of; this one is listed as what it is, to be deleted.
        this.#damaged.set(entry.note.id, "its numbers cannot be read");
        this.#onNotice(`${describe(error)} Until then another scan is shown.`);
      }
    }
    return null;
  }

  /** Stored state of a scan that was stopped, to go on from; one that is damaged begins anew. */
  async resume(id: string): Promise<HeldScan | null> {
    const held = this.#held?.note.id === id ? this.#held : null;
    const { store } = await this.#list();
    try {
      const stored = (await store?.load(id)) ?? null;
      return held && (stored === null || !isLess(held.state, stored.state)) ? held : stored;
    } catch (error) {
      if (!(error instanceof FacetError && error.code === "Format")) throw error;
      this.#onNotice("What was kept of this scan in this browser is damaged: it begins anew.");
      await this.remove(id);
      return held;
    }
  }

  /** In the order in which they are told of where none is named, then those that are damaged. */
  async list(
    session: Session | null,
    runningId: string | null,
  ): Promise<(KeptScan | DamagedScan)[]> {
    const stored = await this.#list();
    const scans = (await this.#entries(session, stored)).map(({ note, head, bytes }) => ({
      ...note.provenance,
      ...scanProvenance(head),
      id: note.id,
      corpus: note.corpus,
      bytes,
      saved: note.id === SHIPPED ? null : note.saved,
      fits: session !== null && fitOf(head.plan, session) > 0,
      running: note.id === runningId,
      request: note.request,
    }));
    const unsound = stored.scans.flatMap(({ note, bytes }) => {
      const damaged = this.#damaged.get(note.id);
      return damaged === undefined ? [] : [{ id: note.id, corpus: note.corpus, bytes, damaged }];
    });
    return [...scans, ...unsound, ...stored.damaged];
  }

  async #take(entry: Entry | undefined): Promise<HeldScan | null> {
    const found = (await entry?.load()) ?? null;
    if (found && found.note.id !== SHIPPED) this.hold(found);
    return found;
  }

  /** Those that can be read: what fits best first, then what has seen a text, then the newest; what ships is the oldest. */
  async #entries(session: Session | null, { store, scans }: Stored): Promise<Entry[]> {
    const shipped = session && (await this.#shippedWith(session));
    const memory = (scan: HeldScan, bytes: number): Entry => ({
      note: scan.note,
      head: stateHead(scan.state),
      bytes,
      load: () => Promise.resolve(scan),
    });
    const twin = scans.find(({ note }) => note.id === this.#held?.note.id);
    // Another tab may have come further with the same scan.
    const held = this.#held && twin && isLess(this.#held.state, twin.head) ? null : this.#held;
    const rank = ({ note, head }: Entry): number[] => [
      session ? fitOf(head.plan, session) : 0,
      Math.sign(head.tokens),
      note.id === SHIPPED ? 0 : note.saved,
    ];
    return [
      ...(held ? [memory(held, twin?.bytes ?? 0)] : []),
      ...scans
        .filter(({ note }) => note.id !== held?.note.id && !this.#damaged.has(note.id))
        .map((scan) => ({ ...scan, load: async () => (await store?.load(scan.note.id)) ?? null })),
      ...(shipped ? [memory(shipped, 0)] : []),
    ].toSorted((a, b) => descending(rank(a), rank(b)));
  }

  /** Nothing, and told once, where the storage fails: what is in memory or ships with the page is there without it. */
  async #list(): Promise<Stored> {
    try {
      const store = await this.#open();
      const found = (await store?.list()) ?? [];
      const damaged = found.filter((one): one is DamagedScan => "damaged" in one);
      const scans = found.filter((one): one is StoredScan => "note" in one);
      this.#listed = { store, scans, damaged };
      return this.#listed;
    } catch (error) {
      if (!this.#unread) {
        this.#unread = true;
        this.#onNotice(
          `Scans that are kept in this browser cannot be read (${describe(error)}). They are looked for again the next time.`,
        );
      }
      return { store: null, scans: [], damaged: [] };
    }
  }

  #shippedWith(session: Session): Promise<HeldScan | null> {
    if (this.#shipped?.session !== session) {
      const scan = session.sae.source.scan?.() ?? Promise.resolve(null);
      this.#shipped = { session, scan };
      // One that failed to load is asked for again.
      scan.catch(() => (this.#shipped = null));
    }
    return this.#shipped.scan;
  }
}

/** By the first numbers that differ. */
function descending(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((number, i) => number !== b[i]);
  return at < 0 ? 0 : defined(b[at]) - defined(a[at]);
}
