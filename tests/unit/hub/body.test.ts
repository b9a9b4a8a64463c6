// Reading a body: where it ends, where it stalls, where it is left.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { pieces, readBody } from "../../../src/hub/body.ts";
import { TransientFailure } from "../../../src/hub/retry.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** A body that gives these pieces and then ends, breaks or falls silent; tells whether it was closed early. */
function body(parts: readonly Uint8Array[], then: "end" | "break" | "silence") {
  const state = { cancelled: false };
  const waiting = [...parts];
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const part = waiting.shift();
      if (part) controller.enqueue(part);
      else if (then === "end") controller.close();
      else if (then === "break") {
        controller.error(new TypeError("network error at https://cdn.example/x?Signature=secret"));
      } else return new Promise<void>(() => undefined);
      return undefined;
    },
    cancel() {
      state.cancelled = true;
    },
  });
  return { response: new Response(stream), state };
}

async function all(from: AsyncIterable<Uint8Array>): Promise<number[]> {
  const values: number[] = [];
  for await (const piece of from) values.push(...piece);
  return values;
}

describe("pieces", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("gives everything up to the end", async () => {
    const { response } = body([bytes(1, 2), bytes(3)], "end");
    expect(await all(pieces(response, "reading", undefined))).toEqual([1, 2, 3]);
  });

  it("does not wait for an end that is known already, and leaves the connection alone", async () => {
    const { response, state } = body([bytes(1, 2), bytes(3)], "silence");
    expect(await all(pieces(response, "reading", undefined, 3))).toEqual([1, 2, 3]);
    expect(state.cancelled).toBe(false);
  });

  it("closes the connection when it is left early", async () => {
    const { response, state } = body([bytes(1), bytes(2)], "silence");
    for await (const piece of pieces(response, "reading", undefined)) {
      expect([...piece]).toEqual([1]);
      break;
    }
    expect(state.cancelled).toBe(true);
  });

  it("takes a connection without a byte for a minute for dead", async () => {
    const { response, state } = body([bytes(1)], "silence");
    const outcome = all(pieces(response, "reading", undefined)).catch((thrown: unknown) => thrown);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await outcome).toBeInstanceOf(TransientFailure);
    expect(await outcome).toMatchObject({ message: "nothing came for 60 s" });
    expect(state.cancelled).toBe(true);
  });

  it("calls a break worth another try, without the address it happened at", async () => {
    const { response } = body([bytes(1)], "break");
    const error: unknown = await all(pieces(response, "reading", undefined)).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(TransientFailure);
    expect(error).toMatchObject({ cause: expect.stringContaining("cdn.example") });
    expect(error).toMatchObject({ cause: expect.not.stringContaining("secret") });
  });
});

describe("readBody", () => {
  it("gives the whole, and refuses more than the limit", async () => {
    const parts = [bytes(1, 2), bytes(3)];
    const read = (limit: number): Promise<Uint8Array> =>
      readBody(body(parts, "end").response, limit, "reading", undefined);
    expect([...(await read(3))]).toEqual([1, 2, 3]);
    await expect(read(2)).rejects.toMatchObject({ code: "Network" });
  });
});
