// How long is waited before another try, how often one is made, and who hears of it. Time and chance are the test's.

import { describe, expect, it } from "vitest";
import {
  Backoff,
  realTiming,
  retryAfterMs,
  type Timing,
  TransientFailure,
  type Wait,
  withRetry,
} from "../../../src/hub/retry.ts";

const timing = (random = 0): Timing & { slept: number[] } => {
  const slept: number[] = [];
  return {
    slept,
    now: () => 0,
    random: () => random,
    sleep: (ms) => Promise.resolve(void slept.push(ms)),
  };
};

describe("withRetry", () => {
  it("doubles its waits, tells of each, and gives up with the reason", async () => {
    const clock = timing();
    const waits: Wait[] = [];
    const onWait = (wait: Wait): void => void waits.push(wait);
    let tries = 0;
    const work = withRetry("reading x", { timing: clock, onWait }, () => {
      tries++;
      return Promise.reject(new TransientFailure("the hub answered 503"));
    });
    await expect(work).rejects.toMatchObject({
      code: "Network",
      message: expect.stringMatching(/reading x: the hub answered 503; 6 tries failed/),
    });
    expect(tries).toBe(6);
    expect(clock.slept).toEqual([500, 1000, 2000, 4000, 8000]);
    expect(
      waits.map(({ ms, attempt, attempts, reason }) => [ms, attempt, attempts, reason]),
    ).toEqual([500, 1000, 2000, 4000, 8000].map((ms, i) => [ms, i + 1, 6, "the hub answered 503"]));
  });

  it("shortens a wait at random by up to half", async () => {
    const clock = timing(0.999999);
    let tries = 0;
    await withRetry("x", { timing: clock }, () =>
      tries++ === 0 ? Promise.reject(new TransientFailure("no")) : Promise.resolve(),
    );
    expect(clock.slept).toEqual([250]);
  });

  it("waits at least as long as the server asks, up to two minutes", async () => {
    const clock = timing();
    const failures = [7000, 120_000];
    await withRetry("x", { timing: clock }, () => {
      const ms = failures.shift();
      return ms === undefined
        ? Promise.resolve()
        : Promise.reject(new TransientFailure("429", { retryAfterMs: ms }));
    });
    expect(clock.slept).toEqual([7000, 120_000]);
    const work = withRetry("x", { timing: clock }, () =>
      Promise.reject(new TransientFailure("429", { retryAfterMs: 3_600_000 })),
    );
    await expect(work).rejects.toMatchObject({
      code: "Network",
      message: expect.stringContaining("wait 3600 s"),
    });
  });

  it("asks again at once where an address has expired, but only once at once", async () => {
    const clock = timing();
    let tries = 0;
    await withRetry("x", { timing: clock }, () =>
      tries++ < 2
        ? Promise.reject(new TransientFailure("403", { expired: true }))
        : Promise.resolve(),
    );
    expect(clock.slept).toEqual([1000]);
  });

  it("does not try again what is no TransientFailure", async () => {
    let tries = 0;
    const work = withRetry("x", { timing: timing() }, () => {
      tries++;
      return Promise.reject(new RangeError("a bug"));
    });
    await expect(work).rejects.toThrow("a bug");
    expect(tries).toBe(1);
  });

  it("stops waiting when it is cancelled", async () => {
    const abort = new AbortController();
    const work = withRetry(
      "reading x",
      {
        timing: { ...realTiming, random: () => 0 },
        signal: abort.signal,
        onWait: () => abort.abort(),
      },
      () => Promise.reject(new TransientFailure("503", { retryAfterMs: 100_000 })),
    );
    await expect(work).rejects.toMatchObject({ code: "Cancelled" });
  });
});

describe("Backoff", () => {
  it("counts anew once the work got on", async () => {
    const clock = timing();
    const backoff = new Backoff("x", { timing: clock });
    for (let i = 0; i < 20; i++) {
      await backoff.next(new TransientFailure("cut"));
      backoff.reset();
    }
    expect(clock.slept).toEqual(Array.from({ length: 20 }, () => 500));
  });
});

describe("retryAfterMs", () => {
  const now = Date.parse("2025-01-01T00:00:00Z");
  it.each([
    [null, 0],
    ["3", 3000],
    ["0", 0],
    [" 12 ", 12_000],
    ["Wed, 01 Jan 2025 00:00:30 GMT", 30_000],
    ["Tue, 31 Dec 2024 23:59:00 GMT", 0],
    ["-5", 0],
    ["soon", 0],
  ])("reads %j as %d ms", (header, ms) => {
    // Date.parse takes some nonsense for a date long gone.
    expect(retryAfterMs(header, now)).toBe(ms);
  });
});
