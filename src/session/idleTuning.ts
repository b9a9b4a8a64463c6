// Idle tuning: a while after the last job, while nobody waits, a backend may measure what runs fastest on its device,
// until the next job comes. Results do not depend on it.

import type { Backend } from "../backend/backend.ts";

/** Longer than a reader's pause between two words. */
const AFTER_MS = 1000;

export class IdleTuning {
  #jobs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #measuring: AbortController | null = null;

  /** A job was asked for. */
  begin(): void {
    this.#jobs++;
    clearTimeout(this.#timer);
    this.#measuring?.abort();
  }

  /** A job is done. @param backend what is open now. */
  end(backend: Backend | null): void {
    if (--this.#jobs > 0 || !backend?.tune) return;
    this.#timer = setTimeout(() => {
      this.#measuring = new AbortController();
      // A measurement that fails, as on a lost device, leaves things as they are; who uses the device is told.
      backend.tune?.(this.#measuring.signal).catch(() => undefined);
    }, AFTER_MS);
  }
}
