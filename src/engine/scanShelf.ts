// The scans there are, wherever they are: the one in memory, those stored in this browser, the one that ships with the
// open SAE. The storage is a convenience: where it fails, the reader is told and scans last as long as the tab.

import { describe, FacetError } from "../lib/errors.ts";
import type { KeptScan } from "../lib/scan.ts";
import { scanProvenance } from "../scan/featureScan.ts";
import { stateHead, type StateHead } from "../scan/stored.ts";
import { isLocal } from "./localLibrary.ts";
import { fitOf } from "./scanPlan.ts";
import type { HeldScan, ScanNote, ScanStore, StoredScan } from "./scanStore.ts";
import type { Session } from "./session.ts";

/** Id of the scan that ships with the open SAE. */
export const SHIPPED = "shipped";

interface Entry {
  readonly note: ScanNote;
  readonly head: StateHead;
  readonly bytes: number;
  load(): Promise<HeldScan | null>;
}

export class ScanShelf {
  readonly #open: () => Promise<ScanStore | null>;
  readonly #keeps: boolean;
  readonly #onNotice: (text: string) => void;
  /** The last one that was run or read: of those that are stored, no more than one stands in memory. */
  #held: HeldScan | null = null;
  /** Of the last session that asked. */
  #shipped: { session: Session; scan: Promise<HeldScan | null> } | null = null;
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

  async save(scan: HeldScan): Promise<void> {
    this.hold(scan);
    const { model, sae } = scan.note.provenance;
    // A folder can change under its name: what was scanned of it lasts as long as the tab.
    if (!this.#keeps || this.#failed || isLocal(model.source) || isLocal(sae.source)) return;
    try {
      const store = await this.#open();
      if (store === null) this.#fail("it offers this page no storage");
      await store?.save(scan);
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
    await (await this.#open())?.remove(id);
    // There is room again.
    this.#failed = false;
  }

  /** @param id null for the one that fits best what is open. */
  async find(session: Session, id: string | null): Promise<HeldScan | null> {
    const held = this.#held;
    // Asked for with every feature: what is at hand needs no listing.
    if (held && (id === null ? fitOf(held.state.plan, session) === 2 : held.note.id === id)) {
      return held;
    }
    const entries = await this.#entries(session);
    const rank = ({ head }: Entry): number => fitOf(head.plan, session) * 1e15 + head.tokens;
    const entry =
      id === null
        ? entries
            .filter(({ head }) => fitOf(head.plan, session) > 0)
            .toSorted((a, b) => rank(b) - rank(a))[0]
        : entries.find(({ note }) => note.id === id);
    const found = (await entry?.load()) ?? null;
    if (found && found.note.id !== SHIPPED) this.hold(found);
    return found;
  }

  /** Stored state of a scan that was stopped, to go on from. */
  async resume(id: string): Promise<HeldScan | null> {
    if (this.#held?.note.id === id) return this.#held;
    return (await (await this.#open())?.load(id)) ?? null;
  }

  async list(session: Session | null, runningId: string | null): Promise<KeptScan[]> {
    return (await this.#entries(session)).map(({ note, head, bytes }) => ({
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
  }

  async #entries(session: Session | null): Promise<Entry[]> {
    const { store, stored } = await this.#stored();
    const held = this.#held;
    const shipped = session && (await this.#shippedWith(session));
    const memory = (scan: HeldScan, bytes: number): Entry => ({
      note: scan.note,
      head: stateHead(scan.state),
      bytes,
      load: () => Promise.resolve(scan),
    });
    const heldBytes = stored.find(({ note }) => note.id === held?.note.id)?.bytes ?? 0;
    return [
      ...(held ? [memory(held, heldBytes)] : []),
      ...stored
        .filter(({ note }) => note.id !== held?.note.id)
        .map((scan) => ({ ...scan, load: async () => (await store?.load(scan.note.id)) ?? null })),
      ...(shipped ? [memory(shipped, 0)] : []),
    ];
  }

  /** Nothing, and told once, where the storage fails: what is in memory or ships with the page is there without it. */
  async #stored(): Promise<{ store: ScanStore | null; stored: readonly StoredScan[] }> {
    try {
      const store = await this.#open();
      return { store, stored: (await store?.list()) ?? [] };
    } catch (error) {
      if (!this.#unread) {
        this.#unread = true;
        this.#onNotice(
          `Scans that are kept in this browser cannot be read (${describe(error)}). They are looked for again the next time.`,
        );
      }
      return { store: null, stored: [] };
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
