// Owns what a piece of work takes on the way, and frees it however the work ends.

export interface Disposable {
  dispose(): void;
}

/** Takes a thing into a scope, and gives it back. */
export type Own = <D extends Disposable>(held: D) => D;

/** Runs `body`; everything it passes through `own` is disposed afterwards, newest first, also when it throws. */
export async function withScope<T>(body: (own: Own) => Promise<T>): Promise<T> {
  const held: Disposable[] = [];
  try {
    return await body((thing) => {
      held.push(thing);
      return thing;
    });
  } finally {
    for (const thing of held.toReversed()) thing.dispose();
  }
}
