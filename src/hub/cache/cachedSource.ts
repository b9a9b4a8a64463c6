// A ByteSource that keeps what it reads: page by page in cells (cell.ts), each cell under its lock while this tab has it
// open (openCells.ts), so that of two tabs that want the same bytes one fetches them and the other finds them. Where the storage fails, bytes
// come from the network as if there were no cache; its troubles never end a read.

import {
  assertRange,
  type ByteSource,
  freePiece,
  memorySource,
  type ReadOptions,
} from "../../lib/byteSource.ts";
import { FacetError, throwIfCancelled } from "../../lib/errors.ts";
import { CELL_BYTES, PAGE_BYTES } from "./cell.ts";
import { eager } from "./eager.ts";
import { type OpenCell, type OpenCells, unlessAborted } from "./openCells.ts";

export interface CachedSourceParts {
  readonly inner: ByteSource;
  readonly size: number;
  readonly cells: OpenCells;
  /** Told when the storage fails; answers whether to go on keeping what is read. */
  readonly onTrouble: (error: unknown) => void;
  /** False once the storage is full: what is there is read, nothing is added. */
  readonly mayWrite: () => boolean;
  /** Given the bytes of the whole file once every one of them has been read; throws where they are not what they should be. */
  readonly check: (bytes: AsyncIterable<Uint8Array>) => Promise<void>;
}

/** Pages are written to the storage so many bytes at a time: what a crash loses. */
const BATCH_BYTES = 1024 * 1024;
/** What is found in the storage is handed on in pieces of this size. */
const PIECE_BYTES = 1024 * 1024;
/** One request asks for so much at most. Divides a cell. */
const STRETCH_BYTES = 16 * 1024 * 1024;

export class CachedSource implements ByteSource {
  readonly name: string;
  readonly givesAway = true;
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
    if (bytes.byteLength === this.#parts.size)
      await this.#check(memorySource("", bytes).stream(0, at));
    return bytes;
  }

  async *stream(start: number, end: number, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    const { size } = this.#parts;
    assertRange(this.name, start, end, size);
    yield* this.#cells(start, end, options.signal);
    if (this.#complete.size === Math.ceil(size / CELL_BYTES)) {
      await this.#check(freed(this.#cells(0, size, options.signal)));
    }
  }

  async *#cells(
    start: number,
    end: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    for (let at = start; at < end;) {
      const [from, to] = [at, Math.min(end, stretchEnd(at))];
      yield* eager<Uint8Array>(signal, (emit, stop) => this.#readStretch(from, to, emit, stop));
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
  async #readStretch(
    start: number,
    end: number,
    emit: (bytes: Uint8Array) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { inner, size, cells, onTrouble } = this.#parts;
    /** The next byte to emit. */
    let at = start;
    /** Whole pages hold more than was asked for. */
    const emitWanted = (position: number, bytes: Uint8Array): void => {
      const until = Math.min(end, position + bytes.byteLength);
      if (until > at) {
        emit(bytes.subarray(at - position, until - position));
        at = until;
      }
    };
    const from = start - (start % PAGE_BYTES);
    const to = Math.min(size, Math.ceil(end / PAGE_BYTES) * PAGE_BYTES);
    const index = Math.floor(start / CELL_BYTES);
    try {
      await cells.use(index, signal, async (cell) => {
        await this.#fill(cell, from, to, emitWanted, signal);
        if (isComplete(cell, index, size)) this.#complete.add(index);
      });
    } catch (error) {
      throwIfCancelled(signal, `reading ${this.name}`);
      // The network's and the hub's errors are FacetErrors; anything else is the storage's.
      if (error instanceof FacetError) throw error;
      onTrouble(error);
      for await (const bytes of inner.stream(at, end, { signal })) emit(bytes);
    }
  }

  /** Hands on the pages from byte `from` to `to`: those that the cell has from there, else from the network into it. */
  async #fill(
    cell: OpenCell,
    from: number,
    to: number,
    emit: (position: number, bytes: Uint8Array) => void,
    signal: AbortSignal,
  ): Promise<void> {
    for (let at = from; at < to;) {
      const fetched = cell.beingFetched(at);
      if (cell.has(at)) {
        const piece = new Uint8Array(Math.min(PIECE_BYTES, to - at));
        const found = cell.read(at, piece);
        emit(at, piece.subarray(0, found));
        at += found;
      } else if (fetched) {
        await unlessAborted(fetched, signal);
      } else {
        const start = at;
        let end = at + PAGE_BYTES;
        while (end < to && !cell.has(end) && !cell.beingFetched(end)) end += PAGE_BYTES;
        end = Math.min(to, end);
        await cell.fetching(start, end, () => this.#fetch(cell, start, end, emit, signal));
        at = end;
      }
    }
  }

  /** Bytes [start, end), whole pages, from the network; pages are kept as they fill, also when the rest fails. */
  async #fetch(
    cell: OpenCell,
    start: number,
    end: number,
    emit: (position: number, bytes: Uint8Array) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { inner, mayWrite, onTrouble } = this.#parts;
    const batch = new Uint8Array(Math.min(BATCH_BYTES, end - start));
    let batchStart = start;
    let filled = 0;
    const keep = (bytes: number): void => {
      if (mayWrite() && bytes > 0) {
        try {
          cell.write(batchStart, batch.subarray(0, bytes));
        } catch (error) {
          onTrouble(error);
        }
      }
      batchStart += bytes;
      filled = 0;
    };
    let at = start;
    try {
      for await (const bytes of inner.stream(start, end, { signal })) {
        emit(at, bytes);
        at += bytes.byteLength;
        for (let taken = 0; taken < bytes.byteLength;) {
          const part = bytes.subarray(taken, taken + batch.byteLength - filled);
          batch.set(part, filled);
          filled += part.byteLength;
          taken += part.byteLength;
          if (filled === batch.byteLength) keep(filled);
        }
      }
    } finally {
      // The last page of a file may be short; a page that did not fill is not kept.
      keep(at === end ? filled : filled - (filled % PAGE_BYTES));
    }
  }
}

/** The same pieces, each freed once the next one is asked for. */
async function* freed(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    yield piece;
    freePiece(piece);
  }
}

/** Where the stretch ends that byte `at` lies in. */
const stretchEnd = (at: number): number => (Math.floor(at / STRETCH_BYTES) + 1) * STRETCH_BYTES;

/** Whether every page of a cell is there. */
function isComplete(cell: OpenCell, index: number, size: number): boolean {
  const end = Math.min(size, (index + 1) * CELL_BYTES);
  for (let at = index * CELL_BYTES; at < end; at += PAGE_BYTES) if (!cell.has(at)) return false;
  return true;
}
