// Scans kept in this browser, one folder each. A scan is written to one of two files in turn, whose head is written last:
// whatever ends the worker while it writes, the other file stands, and the scan goes on from there.

import type { CacheFile, CacheStore } from "../hub/cache/store.ts";
import { FacetError } from "../lib/errors.ts";
import type { Provenance } from "../lib/report.ts";
import type { ScanRequest } from "../lib/scan.ts";
import { emptyState, stateBytes, stateHead, type StateHead } from "../scan/stored.ts";
import { SCAN_VERSION } from "../scan/settings.ts";
import type { ScanState } from "../scan/state.ts";
import type { Cursor } from "./contexts.ts";

/** What is kept with a scan's numbers. */
export interface ScanNote {
  readonly id: string;
  /** What was scanned, for people. */
  readonly corpus: string;
  readonly provenance: Provenance;
  readonly request: ScanRequest | null;
  readonly cursor: Cursor;
  /** Of the corpus that lay behind, 0 to 1. */
  readonly share: number;
  /** In ms since 1970. */
  readonly saved: number;
}

/** A scan in memory. */
export interface HeldScan {
  readonly note: ScanNote;
  readonly state: ScanState;
}

export interface StoredScan {
  readonly note: ScanNote;
  readonly head: StateHead;
  /** That it takes in the storage. */
  readonly bytes: number;
}

/** version, number of the writing, length of the head's JSON, magic: u32 each, little-endian. Cut short it has no magic. */
const LEAD_BYTES = 16;
const MAGIC = 0x4353_4146; // "FASC"
const MAX_HEAD_BYTES = 16 * 1024 * 1024;
const FILES = ["a", "b"] as const;

interface Written extends StoredScan {
  readonly file: string;
  readonly writing: number;
  /** Where the arrays begin. */
  readonly start: number;
}

export class ScanStore {
  readonly #store: CacheStore;

  constructor(store: CacheStore) {
    this.#store = store;
  }

  async list(): Promise<StoredScan[]> {
    const scans: StoredScan[] = [];
    for (const id of await this.#store.folders()) {
      const found = await this.#newest(id);
      const files = await this.#store.files(id);
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      if (found) scans.push({ note: found.note, head: found.head, bytes });
    }
    return scans.toSorted((a, b) => b.note.saved - a.note.saved);
  }

  /** null where there is none, or none that this version can read. */
  async load(id: string): Promise<HeldScan | null> {
    const found = (await this.#store.folders()).includes(id) ? await this.#newest(id) : null;
    if (found === null) return null;
    const state = emptyState(found.head);
    await this.#store.withFile({ folder: id, name: found.file }, undefined, (file) => {
      let at = found.start;
      for (const bytes of stateBytes(state)) {
        if (file.read(bytes, at) < bytes.byteLength) {
          throw new FacetError(
            "Format",
            `Opening the scan of ${found.note.corpus}: its file ends too early. Delete it and scan again.`,
          );
        }
        at += bytes.byteLength;
      }
    });
    state.passages.restore();
    return { note: found.note, state };
  }

  async save({ note, state }: HeldScan): Promise<void> {
    const before = await this.#newest(note.id);
    const name = before?.file === "a" ? "b" : "a";
    const head = new TextEncoder().encode(JSON.stringify({ note, head: stateHead(state) }));
    const lead = Uint32Array.of(SCAN_VERSION, (before?.writing ?? 0) + 1, head.byteLength, MAGIC);
    const parts = [head, ...stateBytes(state)];
    const size = parts.reduce((sum, { byteLength }) => sum + byteLength, LEAD_BYTES);
    await this.#store.withFile({ folder: note.id, name }, undefined, (file) => {
      file.write(new Uint8Array(LEAD_BYTES), 0);
      // All the room at once: where there is not enough, nothing is written.
      file.truncate(size);
      let at = LEAD_BYTES;
      for (const bytes of parts) {
        file.write(bytes, at);
        at += bytes.byteLength;
      }
      file.write(new Uint8Array(lead.buffer), 0);
    });
    // What is done is written no more: one copy is enough.
    if (state.finished && before)
      await this.#store.removeFile({ folder: note.id, name: before.file });
  }

  remove(id: string): Promise<void> {
    return this.#store.removeFolder(id);
  }

  async #newest(id: string): Promise<Written | null> {
    const there = new Set((await this.#store.files(id)).map(({ name }) => name));
    let newest: Written | null = null;
    for (const name of FILES) {
      if (!there.has(name)) continue;
      const found = await this.#store.withFile({ folder: id, name }, undefined, (file) =>
        readHead(name, file),
      );
      if (found && found.writing > (newest?.writing ?? 0)) newest = found;
    }
    return newest;
  }
}

function readHead(name: string, file: CacheFile): Written | null {
  const lead = new Uint32Array(LEAD_BYTES / 4);
  file.read(new Uint8Array(lead.buffer), 0);
  const [version, writing = 0, length = 0, magic] = lead;
  // Another version's numbers mean something else; they are no scan of this one.
  if (magic !== MAGIC || version !== SCAN_VERSION || length > MAX_HEAD_BYTES) return null;
  const text = new Uint8Array(length);
  if (file.read(text, LEAD_BYTES) < length) return null;
  const { note, head } = JSON.parse(new TextDecoder().decode(text)) as {
    note: ScanNote;
    head: StateHead;
  };
  const { provenance } = note;
  const sae: Omit<Provenance["sae"], "prependBos"> = provenance.sae;
  return {
    // Scans kept before it was stated began with BOS.
    note: { ...note, provenance: { ...provenance, sae: { prependBos: true, ...sae } } },
    head,
    bytes: file.size(),
    file: name,
    writing,
    start: LEAD_BYTES + length,
  };
}
