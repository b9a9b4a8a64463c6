// The browser's history, written no faster than browsers let a page write it: Safari throws at the 101st entry in 10 s,
// Firefox at the 201st, and Chromium leaves out what follows the 200th. What comes too fast waits, the last of it counts,
// and is written as soon as there is room. A flood becomes one step of the history.

export interface Clock {
  /** Milliseconds. */
  now(): number;
  /** Runs it once, after so many milliseconds; gives what takes that back. */
  after(ms: number, run: () => void): () => void;
}

export type How = "push" | "replace";

/** Milliseconds, and writes within them; some are left for whoever else writes. */
const WINDOW = 10_000;
const MOST = 80;
/** Milliseconds until another try where the browser refuses all the same: these in turn, then the next write tries. */
const RETRIES = [2000, 4000, 8000, 16_000];

export class PacedHistory<Entry> {
  readonly #write: (how: How, entry: Entry) => void;
  readonly #clock: Clock;
  /** When the last writes were made, oldest first. */
  #written: number[] = [];
  #waiting: { readonly how: How; readonly entry: Entry } | null = null;
  #stop: (() => void) | null = null;
  #refused = 0;

  /** @param write makes one entry; what the browser throws at that means that it is too early. */
  constructor(write: (how: How, entry: Entry) => void, clock: Clock) {
    this.#write = write;
    this.#clock = clock;
  }

  /** What will stand in the address bar, where that waits. */
  get waiting(): Entry | null {
    return this.#waiting?.entry ?? null;
  }

  write(how: How, entry: Entry): void {
    const step = how === "push" || this.#waiting?.how === "push" ? "push" : "replace";
    this.#waiting = { how: step, entry };
    this.#refused = 0;
    if (this.#stop === null) this.#try();
  }

  /** The reader went elsewhere: what waits is out of date. */
  forget(): void {
    this.#stop?.();
    this.#stop = null;
    this.#waiting = null;
  }

  #try(): void {
    this.#stop = null;
    if (this.#waiting === null) return;
    const now = this.#clock.now();
    this.#written = this.#written.filter((at) => now - at < WINDOW);
    const [oldest = now] = this.#written;
    if (this.#written.length >= MOST) {
      this.#later(oldest + WINDOW - now);
      return;
    }
    const { how, entry } = this.#waiting;
    this.#written.push(now);
    try {
      this.#write(how, entry);
      this.#waiting = null;
    } catch {
      // It says no more than that there are too many. `waiting` is what counts meanwhile.
      const ms = RETRIES[this.#refused++];
      if (ms !== undefined) this.#later(ms);
    }
  }

  #later(ms: number): void {
    this.#stop = this.#clock.after(ms, () => this.#try());
  }
}
