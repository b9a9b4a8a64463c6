// The cells of one file that this tab has open. Whoever reads it shares them: the first takes the storage's file and the
// lock that keeps other tabs away, the last lets go of both; and what one of them is fetching the others wait for.

import { Cell, CELL_BYTES, type Checksum, PAGE_BYTES } from "./cell.ts";
import type { CacheStore } from "./store.ts";

/** A cell that is open. Positions are bytes of the file. */
export class OpenCell {
  readonly #start: number;
  readonly #cell: Cell;
  readonly #fetches = new Set<{ start: number; end: number; done: Promise<void> }>();

  /** @param index number of the cell. */
  constructor(index: number, cell: Cell) {
    this.#start = index * CELL_BYTES;
    this.#cell = cell;
  }

  /** Whether the page that begins at byte `at` is there. */
  has(at: number): boolean {
    return this.#cell.has(this.#page(at));
  }

  /** Fills `into` with the pages from byte `at` on; how many bytes could be read before one that is not there. */
  read(at: number, into: Uint8Array): number {
    const pages = this.#cell.read(this.#page(at), into);
    return Math.min(pages * PAGE_BYTES, into.byteLength);
  }

  /** Keeps the pages that begin at byte `at`. */
  write(at: number, bytes: Uint8Array): void {
    this.#cell.write(this.#page(at), bytes);
  }

  /** Runs `work`, which brings the pages of [start, end); until it ends `beingFetched` tells of it. */
  async fetching(start: number, end: number, work: () => Promise<void>): Promise<void> {
    const working = work();
    // Its failure is the reader's who fetches; the others look what came, and fetch the rest themselves.
    const fetch = { start, end, done: working.catch(() => undefined) };
    this.#fetches.add(fetch);
    try {
      await working;
    } finally {
      this.#fetches.delete(fetch);
    }
  }

  /** Ends when whoever fetches the page at byte `at` has ended, well or not; null where nobody does. */
  beingFetched(at: number): Promise<void> | null {
    for (const { start, end, done } of this.#fetches) if (start <= at && at < end) return done;
    return null;
  }

  #page(at: number): number {
    return (at - this.#start) / PAGE_BYTES;
  }
}

interface Shared {
  readonly cell: Promise<OpenCell>;
  readonly close: () => void;
  users: number;
}

export class OpenCells {
  readonly #store: CacheStore;
  readonly #folder: string;
  readonly #prefix: string;
  readonly #checksum: Checksum;
  readonly #open = new Map<number, Shared>();

  /** Cell n is the file `prefix-n` of the folder. */
  constructor(store: CacheStore, folder: string, prefix: string, checksum: Checksum) {
    this.#store = store;
    this.#folder = folder;
    this.#prefix = prefix;
    this.#checksum = checksum;
  }

  /** Opens cell `index` for the time that `work` takes. `work` must not open others. */
  async use<T>(
    index: number,
    signal: AbortSignal,
    work: (cell: OpenCell) => Promise<T>,
  ): Promise<T> {
    const shared = this.#open.get(index) ?? this.#share(index);
    shared.users++;
    try {
      return await work(await unlessAborted(shared.cell, signal));
    } finally {
      if (--shared.users === 0) {
        this.#open.delete(index);
        shared.close();
      }
    }
  }

  #share(index: number): Shared {
    const path = { folder: this.#folder, name: `${this.#prefix}-${index}` };
    // Stops waiting for another tab once nobody here wants the cell any more.
    const unwanted = new AbortController();
    let close = (): void => {};
    const closed = new Promise<void>((resolve) => {
      close = () => {
        unwanted.abort();
        resolve();
      };
    });
    const cell = new Promise<OpenCell>((resolve, reject) => {
      this.#store
        .withFile(path, unwanted.signal, (file) => {
          resolve(new OpenCell(index, new Cell(file, this.#checksum)));
          return closed;
        })
        .catch(reject);
    });
    // Those that use it get the failure, if there are any left.
    cell.catch(() => undefined);
    const shared: Shared = { cell, close, users: 0 };
    this.#open.set(index, shared);
    return shared;
  }
}

/** What `waiting` comes to, or the signal's reason as soon as it is aborted. */
export async function unlessAborted<T>(waiting: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([waiting, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
