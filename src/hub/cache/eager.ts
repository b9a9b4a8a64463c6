// An async iterable whose producer does not wait for its consumer: what is produced queues up, and a lock that the
// producer holds is never held for a consumer that has stopped to look.

/**
 * Runs `produce` at once and hands on what it emits, in order. Leaving the loop early aborts the signal that `produce`
 * was given, and waits for it to end.
 */
export async function* eager<T>(
  signal: AbortSignal | undefined,
  produce: (emit: (item: T) => void, signal: AbortSignal) => Promise<void>,
): AsyncGenerator<T> {
  const left = new AbortController();
  const stop = signal === undefined ? left.signal : AbortSignal.any([signal, left.signal]);
  const queue: T[] = [];
  let wake = (): void => {};
  let ended = false;
  const emit = (item: T): void => {
    queue.push(item);
    wake();
  };
  const producing = produce(emit, stop).finally(() => {
    ended = true;
    wake();
  });
  // Its failure is thrown below, when everything before it has been handed on.
  producing.catch(() => undefined);
  let whole = false;
  try {
    for (;;) {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) yield item;
      if (ended) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    whole = true;
    await producing;
  } finally {
    if (!whole) {
      left.abort();
      await producing.catch(() => undefined);
    }
  }
}
