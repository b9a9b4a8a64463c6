// A producer that does not wait: nothing it emits is lost, and it never outlives its consumer.

import { describe, expect, it } from "vitest";
import { eager } from "../../../src/hub/cache/eager.ts";

describe("eager", () => {
  it("lets the producer end before anything is taken", async () => {
    let ended = false;
    const items = eager<number>(undefined, async (emit) => {
      for (let i = 0; i < 5; i++) {
        emit(i);
        await Promise.resolve();
      }
      ended = true;
    });
    expect((await items.next()).value).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(ended).toBe(true);
    const rest: number[] = [];
    for await (const item of items) rest.push(item);
    expect(rest).toEqual([1, 2, 3, 4]);
  });

  it("hands on what came before a failure, then the failure", async () => {
    const items = eager<number>(undefined, (emit) => {
      emit(1);
      return Promise.reject(new Error("broken"));
    });
    expect((await items.next()).value).toBe(1);
    await expect(items.next()).rejects.toThrow("broken");
  });

  it("stops the producer, and waits for it, when the loop is left", async () => {
    let stopped = false;
    const items = eager<number>(undefined, async (emit, signal) => {
      emit(1);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      stopped = true;
    });
    for await (const item of items) {
      expect(item).toBe(1);
      break;
    }
    expect(stopped).toBe(true);
  });

  it("passes on the caller's signal", async () => {
    const abort = new AbortController();
    const items = eager<number>(abort.signal, async (_emit, signal) => {
      await new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(new Error("stopped"))),
      );
    });
    const next = items.next();
    abort.abort();
    await expect(next).rejects.toThrow("stopped");
  });
});
