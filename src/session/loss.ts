// Whether a backend's device is lost, and the end of a job whose device is. `lost` of a backend is asked once: whatever
// waits for a promise is kept, with all that it refers to, until the promise resolves, and a device may live for days.

import type { Backend } from "../backend/backend.ts";
import { FacetError } from "../lib/errors.ts";

interface Watch {
  /** null while it is not lost. */
  reason: string | null;
  readonly listeners: Set<(reason: string) => void>;
}

const watches = new WeakMap<Backend, Watch>();

export function watchLoss(backend: Backend): Watch {
  const known = watches.get(backend);
  if (known) return known;
  const watch: Watch = { reason: null, listeners: new Set() };
  watches.set(backend, watch);
  void backend.lost.then((reason) => {
    watch.reason = reason;
    for (const listener of watch.listeners) listener(reason);
  });
  return watch;
}

/** The work's result, or `DeviceLost` as soon as the device is gone: work on a lost device may never end. */
export async function untilLost<T>(
  backend: Backend,
  doing: string,
  work: () => Promise<T>,
): Promise<T> {
  const watch = watchLoss(backend);
  let stop = (): void => undefined;
  const loss = new Promise<never>((_, reject) => {
    const tell = (reason: string): void =>
      reject(new FacetError("DeviceLost", `While ${doing}: the GPU was lost (${reason}).`));
    if (watch.reason !== null) tell(watch.reason);
    watch.listeners.add(tell);
    stop = () => watch.listeners.delete(tell);
  });
  try {
    return await Promise.race([work(), loss]);
  } finally {
    stop();
  }
}
