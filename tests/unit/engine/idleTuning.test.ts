// When a backend may measure: a second after the last job, and until the next one.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Backend } from "../../../src/backend/backend.ts";
import { IdleTuning } from "../../../src/session/idleTuning.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const measuring = () => {
  const signals: (AbortSignal | undefined)[] = [];
  const tune = (signal?: AbortSignal): Promise<void> => {
    signals.push(signal);
    return Promise.reject(new Error("the device is gone"));
  };
  return { backend: { tune } as unknown as Backend, signals };
};

test("a second after the last of several jobs, and once", () => {
  const { backend, signals } = measuring();
  const tuning = new IdleTuning();
  tuning.begin();
  tuning.begin();
  tuning.end(backend);
  vi.advanceTimersByTime(5000);
  expect(signals).toHaveLength(0);
  tuning.end(backend);
  vi.advanceTimersByTime(999);
  expect(signals).toHaveLength(0);
  vi.advanceTimersByTime(5000);
  expect(signals).toHaveLength(1);
});

test("not where a job came in between, which also stops what is being measured", () => {
  const { backend, signals } = measuring();
  const tuning = new IdleTuning();
  tuning.begin();
  tuning.end(backend);
  vi.advanceTimersByTime(500);
  tuning.begin();
  vi.advanceTimersByTime(5000);
  expect(signals).toHaveLength(0);
  tuning.end(backend);
  vi.advanceTimersByTime(1000);
  expect(signals[0]?.aborted).toBe(false);
  tuning.begin();
  expect(signals[0]?.aborted).toBe(true);
});

test("nothing where nothing is open, or nothing can be measured", () => {
  const tuning = new IdleTuning();
  for (const backend of [null, {} as Backend]) {
    tuning.begin();
    tuning.end(backend);
    vi.advanceTimersByTime(5000);
  }
  expect(vi.getTimerCount()).toBe(0);
});
