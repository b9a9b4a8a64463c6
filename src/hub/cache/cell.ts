// A cell: 32 MiB of a file, kept as a file of its own. It holds the pages of 16 KiB that have been read so far, in the
// order in which they came, each with its checksum. A page that fails its checksum counts as not there. Files of 4 MiB
// took a browser three times as long to open and to grow.
//
//   index   2048 entries of 12 bytes: slot + 1 (u32, little-endian; 0: not there), xxHash64 of page (8 bytes)
//   slots   pages one after another, 16 KiB each
//
// A page is written before its entry. What a crash leaves half done fails its checksum.

import type { CacheFile } from "./store.ts";

export const PAGE_BYTES = 16 * 1024;
export const CELL_BYTES = 32 * 1024 * 1024;
const PAGES = CELL_BYTES / PAGE_BYTES;
const ENTRY_BYTES = 12;
const HASH_BYTES = 8;
export const INDEX_BYTES = PAGES * ENTRY_BYTES;

export type Checksum = (bytes: Uint8Array) => Uint8Array;

export class Cell {
  readonly #file: CacheFile;
  readonly #checksum: Checksum;
  readonly #index: Uint8Array;
  readonly #view: DataView;

  constructor(file: CacheFile, checksum: Checksum) {
    this.#file = file;
    this.#checksum = checksum;
    this.#index = new Uint8Array(INDEX_BYTES);
    this.#view = new DataView(this.#index.buffer);
    file.read(this.#index, 0);
  }

  has(page: number): boolean {
    return this.#slot(page) !== null;
  }

  /**
   * Fills `into` with the pages from `page` on (whole ones, the last of a file may be short).
   * @returns how many could be read; the next one is not there, or `into` is full.
   */
  read(page: number, into: Uint8Array): number {
    const wanted = Math.ceil(into.byteLength / PAGE_BYTES);
    let count = 0;
    while (count < wanted) {
      const run = this.#run(page + count, wanted - count);
      if (run === null) break;
      const bytes = into.subarray(count * PAGE_BYTES, (count + run.pages) * PAGE_BYTES);
      this.#file.read(bytes, INDEX_BYTES + run.slot * PAGE_BYTES);
      for (let i = 0; i < run.pages; i++, count++) {
        const content = bytes.subarray(i * PAGE_BYTES, (i + 1) * PAGE_BYTES);
        if (!equal(this.#checksum(content), this.#hash(page + count))) {
          this.#setSlot(page + count, null);
          return count;
        }
      }
    }
    return count;
  }

  /** Keeps whole pages from `page` on; where it throws, they are not there. */
  write(page: number, bytes: Uint8Array): void {
    const pages = Math.ceil(bytes.byteLength / PAGE_BYTES);
    const forget = (): void => {
      for (let i = 0; i < pages; i++) this.#setSlot(page + i, null);
    };
    forget();
    this.#freeSlots(pages).forEach((slot, i) => this.#setSlot(page + i, slot));
    try {
      this.#writeSlots(page, bytes);
      const [from, to] = [page * ENTRY_BYTES, (page + pages) * ENTRY_BYTES];
      this.#file.write(this.#index.subarray(from, to), from);
    } catch (error) {
      forget();
      throw error;
    }
  }

  /** Writes pages to the slots they were given, with as few writes as slots side by side allow. */
  #writeSlots(page: number, bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.byteLength) {
      const first = page + at / PAGE_BYTES;
      const run = this.#run(first, Math.ceil((bytes.byteLength - at) / PAGE_BYTES));
      if (run === null) return;
      const content = bytes.subarray(at, at + run.pages * PAGE_BYTES);
      this.#file.write(content, INDEX_BYTES + run.slot * PAGE_BYTES);
      for (let i = 0; i < run.pages; i++) {
        const hash = this.#checksum(content.subarray(i * PAGE_BYTES, (i + 1) * PAGE_BYTES));
        this.#hash(first + i).set(hash);
      }
      at += content.byteLength;
    }
  }

  /** Pages from `page` on, at most `most`, that are there and lie in slots side by side. */
  #run(page: number, most: number): { slot: number; pages: number } | null {
    const slot = this.#slot(page);
    if (slot === null) return null;
    let pages = 1;
    while (pages < most && this.#slot(page + pages) === slot + pages) pages++;
    return { slot, pages };
  }

  #slot(page: number): number | null {
    const stored = this.#view.getUint32(page * ENTRY_BYTES, true);
    return stored === 0 || stored > PAGES ? null : stored - 1;
  }

  #setSlot(page: number, slot: number | null): void {
    this.#view.setUint32(page * ENTRY_BYTES, slot === null ? 0 : slot + 1, true);
  }

  #hash(page: number): Uint8Array {
    const at = page * ENTRY_BYTES + ENTRY_BYTES - HASH_BYTES;
    return this.#index.subarray(at, at + HASH_BYTES);
  }

  /** The first slots that no page has. */
  #freeSlots(count: number): number[] {
    const taken = new Uint8Array(PAGES);
    for (let page = 0; page < PAGES; page++) {
      const slot = this.#slot(page);
      if (slot !== null) taken[slot] = 1;
    }
    const free: number[] = [];
    for (let slot = 0; slot < PAGES && free.length < count; slot++)
      if (taken[slot] === 0) free.push(slot);
    return free;
  }
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, i) => byte === b[i]);
