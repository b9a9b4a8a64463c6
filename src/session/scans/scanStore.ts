// Scans kept in this browser, one folder each. A scan is written to one of two files in turn, whose lead is written last:
// whatever ends the worker while it writes, the other file stands, and the scan goes on from there. What is read back is
// checked; tabs take turns, and a scan is never replaced by less of it.

import type { Checksum } from "../../hub/cache/cell.ts";
import type { OpfsPlace } from "../../hub/cache/store.ts";
import type { CacheFile, CacheStore } from "../../hub/cache/store.ts";
import { describe, FacetError } from "../../lib/errors.ts";
import type { HeldScan, ScanNote, StoredScan } from "../../scan/held.ts";
import type { DamagedScan } from "../../lib/scan.ts";
import { emptyState, stateBytes, stateHead, type StateHead } from "../../scan/stored.ts";
import { SCAN_VERSION } from "../../scan/settings.ts";
import type { ScanState } from "../../scan/state.ts";

/** Beside what is kept of repos. The layout is raised with SCAN_VERSION too. */
export const SCANS_PLACE: OpfsPlace = { name: "facet-scans", layout: 2 };

/** Whether `a` has come less far than `b`, another state of the same scan. */
export const isLess = (
  a: Pick<StateHead, "finished" | "tokens">,
  b: Pick<StateHead, "finished" | "tokens">,
): boolean => (a.finished === b.finished ? a.tokens < b.tokens : b.finished);

/**
 * A file begins with its lead: version, bytes of the head, magic (u32 each, little-endian), checksum of the head (8
 * bytes). Then the head, as JSON, and the arrays. Cut short it has no magic.
 */
const LEAD_BYTES = 20;
const MAGIC = 0x4453_4146; // "FASD"
const MAX_HEAD_BYTES = 16 * 1024 * 1024;
const FILES = ["a", "b"] as const;

/** What the head of a file holds. */
interface Head {
  /** Counts the writings of this scan. */
  readonly writing: number;
  readonly note: ScanNote;
  readonly head: StateHead;
  /** Checksum of each array, in hexadecimal digits. */
  readonly arrays: readonly string[];
}

interface Written extends Head {
  readonly file: string;
  /** Where the arrays begin. */
  readonly start: number;
}

export class ScanStore {
  readonly #store: CacheStore;
  #checksum: Promise<Checksum> | null = null;

  constructor(store: CacheStore) {
    this.#store = store;
  }

  /** By their heads alone: that the arrays are sound shows when they are loaded. */
  async list(): Promise<(StoredScan | DamagedScan)[]> {
    const scans: (StoredScan | DamagedScan)[] = [];
    await this.#sums();
    for (const id of await this.#store.folders()) {
      const found = await this.#store.inTurn(id, () => this.#listed(id));
      if (found) scans.push(found);
    }
    return scans;
  }

  /** null where there is none. Throws `Format` where it is damaged. */
  async load(id: string): Promise<HeldScan | null> {
    if (!(await this.#store.folders()).includes(id)) return null;
    return this.#store.inTurn(id, async () => {
      const written = await this.#written(id);
      for (const [i, one] of written.entries()) {
        const state = await this.#state(id, one);
        if (!state) continue;
        // What is newer by its head has no numbers to go on from.
        for (const { file } of written.slice(0, i))
          await this.#store.removeFile({ folder: id, name: file });
        return { note: one.note, state };
      }
      if ((await this.#bytes(id)) === 0) return null;
      const what = written[0] ? `the scan of ${written[0].note.corpus}` : "a kept scan";
      throw new FacetError(
        "Format",
        `Opening ${what}: what is kept of it in this browser is damaged. Delete it and scan again.`,
      );
    });
  }

  /** False where more of it is kept already, by another tab: that stays. */
  save({ note, state }: HeldScan): Promise<boolean> {
    const { id } = note;
    return this.#store.inTurn(id, async () => {
      const [before] = await this.#written(id);
      if (before && isLess(state, before.head)) return false;
      const [name, other] = before?.file === "a" ? (["b", "a"] as const) : (["a", "b"] as const);
      const checksum = await this.#sums();
      await this.#store.withFile({ folder: id, name }, undefined, (file) =>
        write(file, { note, state }, (before?.writing ?? 0) + 1, checksum),
      );
      // What is done is written no more: one copy is enough.
      if (state.finished) await this.#store.removeFile({ folder: id, name: other });
      return true;
    });
  }

  remove(id: string): Promise<void> {
    return this.#store.inTurn(id, () => this.#store.removeFolder(id));
  }

  async #listed(id: string): Promise<StoredScan | DamagedScan | null> {
    try {
      const [newest] = await this.#written(id);
      const bytes = await this.#bytes(id);
      if (newest) return { note: newest.note, head: newest.head, bytes };
      return bytes === 0 ? null : { id, corpus: null, bytes, damaged: "it cannot be read" };
    } catch (error) {
      // One file that does not open keeps nobody from the others.
      return { id, corpus: null, bytes: 0, damaged: `it does not open (${describe(error)})` };
    }
  }

  async #bytes(id: string): Promise<number> {
    return (await this.#store.files(id)).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** What stands in the files whose heads are sound, newest first. */
  async #written(id: string): Promise<Written[]> {
    const there = new Set((await this.#store.files(id)).map(({ name }) => name));
    const checksum = await this.#sums();
    const found: Written[] = [];
    for (const name of FILES) {
      if (!there.has(name)) continue;
      const written = await this.#store.withFile({ folder: id, name }, undefined, (file) =>
        readHead(name, file, checksum),
      );
      if (written) found.push(written);
    }
    return found.toSorted((a, b) => b.writing - a.writing);
  }

  /** null where its arrays are not what was written. */
  async #state(id: string, written: Written): Promise<ScanState | null> {
    const checksum = await this.#sums();
    const state = emptyState(written.head);
    const isSound = await this.#store.withFile(
      { folder: id, name: written.file },
      undefined,
      (file) => {
        let at = written.start;
        return stateBytes(state).every((bytes, i) => {
          const isWhole = file.read(bytes, at) === bytes.byteLength;
          at += bytes.byteLength;
          return isWhole && hex(checksum(bytes)) === written.arrays[i];
        });
      },
    );
    if (!isSound) return null;
    state.examples.restore();
    return state;
  }

  /** Loaded when a scan is first looked for; once that has failed, again. */
  async #sums(): Promise<Checksum> {
    this.#checksum ??= import("../../hub/cache/checksum.ts").then((module) =>
      module.createChecksum(),
    );
    try {
      return await this.#checksum;
    } catch (error) {
      this.#checksum = null;
      throw error;
    }
  }
}

function write(file: CacheFile, { note, state }: HeldScan, writing: number, sum: Checksum): void {
  const arrays = stateBytes(state);
  const sums = arrays.map((bytes) => hex(sum(bytes)));
  const about: Head = { writing, note, head: stateHead(state), arrays: sums };
  const head = new TextEncoder().encode(JSON.stringify(about));
  file.write(new Uint8Array(LEAD_BYTES), 0);
  // All the room at once: where there is not enough, nothing is written.
  const size = arrays.reduce((total, { byteLength }) => total + byteLength, head.byteLength);
  file.truncate(LEAD_BYTES + size);
  let at = LEAD_BYTES;
  for (const bytes of [head, ...arrays]) {
    file.write(bytes, at);
    at += bytes.byteLength;
  }
  const lead = new Uint8Array(LEAD_BYTES);
  lead.set(new Uint8Array(Uint32Array.of(SCAN_VERSION, head.byteLength, MAGIC).buffer));
  lead.set(sum(head), LEAD_BYTES - 8);
  file.write(lead, 0);
}

/** null where it is of another version, was cut short or is damaged. */
function readHead(name: string, file: CacheFile, sum: Checksum): Written | null {
  const lead = new Uint8Array(LEAD_BYTES);
  file.read(lead, 0);
  const [version, length = 0, magic] = new Uint32Array(lead.buffer, 0, 3);
  if (magic !== MAGIC || version !== SCAN_VERSION || length > MAX_HEAD_BYTES) return null;
  const text = new Uint8Array(length);
  if (file.read(text, LEAD_BYTES) < length) return null;
  if (hex(sum(text)) !== hex(lead.subarray(LEAD_BYTES - 8))) return null;
  const head = JSON.parse(new TextDecoder().decode(text)) as Head;
  return { ...head, file: name, start: LEAD_BYTES + length };
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
