// Cells side by side, as one stretch of the file: positions are bytes of the file, and pages may lie in any of the cells.

import { Cell, CELL_BYTES, type Checksum, PAGE_BYTES } from "./cell.ts";
import type { CacheFile } from "./store.ts";

export class CellRun {
  readonly #start: number;
  readonly #cells: readonly Cell[];

  /** @param first number of the first cell. */
  constructor(first: number, files: readonly CacheFile[], checksum: Checksum) {
    this.#start = first * CELL_BYTES;
    this.#cells = files.map((file) => new Cell(file, checksum));
  }

  /** Whether the page that begins at byte `at` is there. */
  has(at: number): boolean {
    const { cell, page } = this.#place(at);
    return cell.has(page);
  }

  /** Fills `into` with the pages from byte `at` on; how many bytes could be read before one that is not there. */
  read(at: number, into: Uint8Array): number {
    let done = 0;
    for (const part of this.#parts(at, into)) {
      const pages = part.cell.read(part.page, part.bytes);
      done += Math.min(pages * PAGE_BYTES, part.bytes.byteLength);
      if (pages * PAGE_BYTES < part.bytes.byteLength) break;
    }
    return done;
  }

  /** Keeps the pages that begin at byte `at`. */
  write(at: number, bytes: Uint8Array): void {
    for (const part of this.#parts(at, bytes)) part.cell.write(part.page, part.bytes);
  }

  #place(at: number): { cell: Cell; page: number } {
    const offset = at - this.#start;
    const cell = this.#cells[Math.floor(offset / CELL_BYTES)];
    if (cell === undefined)
      throw new RangeError(`Byte ${at} lies outside the cells that are open.`);
    return { cell, page: (offset % CELL_BYTES) / PAGE_BYTES };
  }

  *#parts(
    at: number,
    bytes: Uint8Array,
  ): Generator<{ cell: Cell; page: number; bytes: Uint8Array }> {
    for (let done = 0; done < bytes.byteLength;) {
      const left = CELL_BYTES - ((at + done) % CELL_BYTES);
      const part = bytes.subarray(done, done + left);
      yield { ...this.#place(at + done), bytes: part };
      done += part.byteLength;
    }
  }
}
