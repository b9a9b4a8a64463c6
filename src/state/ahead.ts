// Answers that are asked for before they are needed: a neighbour's page while the pointer is still on its link.

/** Older ones are forgotten: they are asked for again where they are needed after all. */
const MOST = 24;

export class Ahead<T> {
  readonly #held = new Map<string, Promise<T>>();

  /** Asks, unless that is done already; a failure is forgotten, and shows when the answer is needed. */
  prepare(key: string, ask: () => Promise<T>): void {
    if (this.#held.has(key)) return;
    const answer = ask();
    this.#held.set(key, answer);
    answer.catch(() => {
      if (this.#held.get(key) === answer) this.#held.delete(key);
    });
    const oldest = this.#held.keys().next().value;
    if (this.#held.size > MOST && oldest !== undefined) this.#held.delete(oldest);
  }

  /** What was prepared, or asked for now. */
  take(key: string, ask: () => Promise<T>): Promise<T> {
    return this.#held.get(key) ?? ask();
  }

  /** Something else is open: the answers are of another model. */
  clear(): void {
    this.#held.clear();
  }
}
