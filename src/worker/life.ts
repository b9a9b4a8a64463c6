// How the page learns that its worker has ended, which browsers do not say: the worker holds a lock for as long as it
// lives, and the page waits for it.

/** The part of `LockManager` that is used. */
export interface Locks {
  request(name: string, run: () => Promise<void>): Promise<unknown>;
}

/** In the worker: holds the lock until the worker is no more. Without locks its end goes unnoticed, as it always did. */
export function holdLifeLock(locks: Locks | undefined, name: string): void {
  void locks?.request(name, () => new Promise(() => undefined));
}

/** In the page, once the worker has answered for the first time: `ended` is called when it lives no more. */
export function watchLifeLock(locks: Locks | undefined, name: string, ended: () => void): void {
  void locks?.request(name, async () => ended());
}
