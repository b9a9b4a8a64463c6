// How the page learns that its worker has ended, which browsers do not say: the worker holds a lock for as long as it
// lives, and the page waits for it.

/** The part of `LockManager` that is used. */
export interface Locks {
  request(name: string, run: () => Promise<void>): Promise<unknown>;
}

/**
 * In the worker: holds the lock until the worker is no more. `held` is called once it does; never where there are no
 * locks, or none for a page without an origin: its end goes unnoticed then.
 */
export function holdLifeLock(locks: Locks | undefined, name: string, held: () => void): void {
  locks
    ?.request(name, () => {
      held();
      return new Promise(() => undefined);
    })
    .catch(() => undefined);
}

/** In the page, once the worker holds the lock: `ended` is called when it lives no more. */
export function watchLifeLock(locks: Locks | undefined, name: string, ended: () => void): void {
  void locks?.request(name, async () => ended());
}
