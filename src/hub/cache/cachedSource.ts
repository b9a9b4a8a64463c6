// A ByteSource that keeps what it reads: page by page in cells (cell.ts), each cell under its lock while it is filled, so
// that of two tabs that want the same bytes one fetches them and the other finds them. Where the storage fails, bytes
// come from the network as if there were no cache; its troubles never end a read.

import { assertRange, type ByteSource, memorySource, type ReadOptions } from "../../lib/byteSource.ts";
import { FacetError, throwIfCancelled } from "../../lib/errors.ts";
import { Cell, CELL_BYTES, type Checksum, PAGE_BYTES } from "./cell.ts";
import { eager } from "./eager.ts";
import type { CacheFile, CacheStore } from "./store.ts";

export interface CachedSourceParts {
  readonly inner: ByteSource;
  readonly size: number;
  readonly store: CacheStore;
  readonly checksum: Checksum;
  /** Where its cells are: cell n is the file `prefix-n` of the folder. */
  readonly folder: string;
  readonly prefix: string;
  /** Told when the storage fails; answers whether to go on keeping what is read. */
  readonly onTrouble: (error: unknown) => void;
  /** False once the storage is full: what is there is read, nothing is added. */
  readonly mayWrite: () => boolean;
  /** Given the bytes of the whole file once every one of them has been read; throws where they are not what they should be. */
  readonly check: (bytes: AsyncIterable<Uint8Array>) => Promise<void>;
}

/** Pages are written to the storage so many bytes at a time: what a crash loses. */
const BATCH_BYTES = 256 * 1024;

export class CachedSource implements ByteSource {
  readonly name: string;
  readonly #parts: CachedSourceParts;
  /** Cells seen to have all their pages. */
  readonly #complete = new Set<number>();
  #checked = false;

  constructor(parts: CachedSourceParts) {
    this.name = parts.inner.name;
    this.#parts = parts;
  }

  size(): Promise<number> {
    return Promise.resolve(this.#parts.size);
  }

  async read(start: number, end: number, options: ReadOptions = {}): Promise<Uint8Array> {
    assertRange(this.name, start, end, this.#parts.size);
    const bytes = new Uint8Array(end - start);
    let at = 0;
    for await (const piece of this.#cells(start, end, options.signal)) {
      bytes.set(piece, at);
      at += piece.byteLength;
    }
    if (bytes.byteLength === this.#parts.size) await this.#check(memorySource("", bytes).stream(0, at));
    return bytes;
  }

  async *stream(start: number, end: number, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    const { size } = this.#parts;
    assertRange(this.name, start, end, size);
    yield* this.#cells(start, end, options.signal);
    if (this.#complete.size === Math.ceil(size / CELL_BYTES)) {
      await this.#check(this.#cells(0, size, options.signal));
    }
  }

  async *#cells(start: number, end: number, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    for (let at = start; at < end; ) {
      const cell = Math.floor(at / CELL_BYTES);
      const [from, to] = [at, Math.min(end, (cell + 1) * CELL_BYTES)];
      yield* eager<Uint8Array>(signal, (emit, stop) => this.#readCell(cell, from, to, emit, stop));
      at = to;
    }
  }

  /** Checks the whole file, once; what fails is thrown away, so that the next read fetches it anew. */
  async #check(bytes: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.#checked) return;
    this.#checked = true;
    try {
      await this.#parts.check(bytes);
    } catch (error) {
      this.#checked = false;
      this.#complete.clear();
      throw error;
    }
  }

  /** Emits the bytes [start, end) of the file, which lie in one cell. */
  async #readCell(
    index: number,
    start: number,
    end: number,
    emit: (bytes: Uint8Array) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { inner, store, onTrouble } = this.#parts;
    let at = start;
    const emitUpTo = (buffer: Uint8Array, bufferStart: number, to: number): void => {
      const until = Math.min(to, end);
      if (until > at) {
        emit(buffer.subarray(at - bufferStart, until - bufferStart));
        at = until;
      }
    };
    try {
      await store.withFile(this.#path(index), signal, async (file) => {
        await this.#fill(index, file, start, end, emitUpTo, signal);
      });
    } catch (error) {
      throwIfCancelled(signal, `reading ${this.name}`);
      // The network's and the hub's errors are FacetErrors; anything else is the storage's.
      if (error instanceof FacetError) throw error;
      onTrouble(error);
      for await (const bytes of inner.stream(at, end, { signal })) emit(bytes);
    }
  }

  /** Reads the pages that [start, end) touches, from the cell where it has them, else from the network into it. */
  async #fill(
    index: number,
    file: CacheFile,
    start: number,
    end: number,
    emitUpTo: (buffer: Uint8Array, bufferStart: number, to: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { size, checksum, mayWrite, onTrouble } = this.#parts;
    const cellStart = index * CELL_BYTES;
    const cellEnd = Math.min(size, cellStart + CELL_BYTES);
    const cell = new Cell(file, checksum);
    const keep = (page: number, bytes: Uint8Array): void => {
      if (!mayWrite()) return;
      try {
        cell.write(page, bytes);
      } catch (error) {
        onTrouble(error);
      }
    };
    const from = cellStart + Math.floor((start - cellStart) / PAGE_BYTES) * PAGE_BYTES;
    const to = Math.min(cellEnd, cellStart + Math.ceil((end - cellStart) / PAGE_BYTES) * PAGE_BYTES);
    const buffer = new Uint8Array(to - from);
    const pageAt = (at: number): number => (at - cellStart) / PAGE_BYTES;
    for (let at = from; at < to; ) {
      const found = cell.read(pageAt(at), buffer.subarray(at - from));
      at = Math.min(to, at + found * PAGE_BYTES);
      emitUpTo(buffer, from, at);
      if (at === to) break;
      let missingEnd = at + PAGE_BYTES;
      while (missingEnd < to && !cell.has(pageAt(missingEnd))) missingEnd += PAGE_BYTES;
      missingEnd = Math.min(to, missingEnd);
      await this.#fetch(at, missingEnd, buffer.subarray(at - from, missingEnd - from), signal, {
        arrived: (reached) => emitUpTo(buffer, from, reached),
        keep: (position, bytes) => keep(pageAt(position), bytes),
      });
      at = missingEnd;
    }
    const pages = Math.ceil((cellEnd - cellStart) / PAGE_BYTES);
    if (Array.from({ length: pages }, (_, page) => cell.has(page)).every(Boolean)) {
      this.#complete.add(index);
    }
  }

  /** Bytes [start, end), whole pages, from the network into `buffer`; pages are kept as they fill, also when it fails. */
  async #fetch(
    start: number,
    end: number,
    buffer: Uint8Array,
    signal: AbortSignal,
    on: { arrived(reached: number): void; keep(position: number, bytes: Uint8Array): void },
  ): Promise<void> {
    let at = start;
    let kept = start;
    const keepUpTo = (to: number): void => {
      if (to > kept) on.keep(kept, buffer.subarray(kept - start, to - start));
      kept = Math.max(kept, to);
    };
    const wholePages = (): number => start + Math.floor((at - start) / PAGE_BYTES) * PAGE_BYTES;
    try {
      for await (const bytes of this.#parts.inner.stream(start, end, { signal })) {
        buffer.set(bytes, at - start);
        at += bytes.byteLength;
        on.arrived(at);
        if (at - kept >= BATCH_BYTES) keepUpTo(wholePages());
      }
    } finally {
      keepUpTo(at === end ? end : wholePages());
    }
  }

  #path(index: number): { folder: string; name: string } {
    const { folder, prefix } = this.#parts;
    return { folder, name: `${prefix}-${index}` };
  }
}
