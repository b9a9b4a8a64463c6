// The plan is asserted range by range; its execution by order, memory, progress and cancel.

import { describe, expect, test } from "vitest";
import { planReads, streamTensors, type ReadRange } from "../../../src/formats/plan.ts";
import type { StoredTensor } from "../../../src/formats/shards.ts";
import { memorySource, type ByteSource } from "../../../src/lib/byteSource.ts";
import type { Progress } from "../../../src/lib/progress.ts";
import { facetError } from "./facetError.ts";

const LIMITS = { maxGap: 10, maxBytes: 100 };

const stored = (source: ByteSource, name: string, start: number, end: number): StoredTensor => ({
  source,
  info: { name, dtype: "U8", shape: [end - start], start, end },
});

/** Byte i of the file is i mod 251. */
const file = (size: number): ByteSource =>
  memorySource(
    "file",
    Uint8Array.from({ length: size }, (_, i) => i % 251),
  );

const summary = (ranges: readonly ReadRange[]) =>
  ranges.map(({ source, start, end, pieces }) => [
    source.name,
    start,
    end,
    pieces.map(({ tensor, start: from, end: to }) => `${tensor.info.name} ${from}-${to}`),
  ]);

describe("planReads", () => {
  const source = file(0);

  test("joins neighbours, over small gaps, in the order of the file", () => {
    const plan = planReads(
      [stored(source, "c", 45, 60), stored(source, "a", 8, 20), stored(source, "b", 20, 35)],
      LIMITS,
    );
    expect(summary(plan)).toEqual([["file", 8, 60, ["a 8-20", "b 20-35", "c 45-60"]]]);
  });

  test("does not read over a gap larger than allowed", () => {
    const plan = planReads([stored(source, "a", 8, 20), stored(source, "b", 31, 40)], LIMITS);
    expect(summary(plan)).toEqual([
      ["file", 8, 20, ["a 8-20"]],
      ["file", 31, 40, ["b 31-40"]],
    ]);
  });

  test("cuts what is longer than a read at multiples of a read, and fills the last part up with its neighbours", () => {
    const plan = planReads([stored(source, "a", 8, 258), stored(source, "b", 258, 300)], LIMITS);
    expect(summary(plan)).toEqual([
      ["file", 8, 100, ["a 8-100"]],
      ["file", 100, 200, ["a 100-200"]],
      ["file", 200, 300, ["a 200-258", "b 258-300"]],
    ]);
  });

  test("never begins or ends a read in a gap", () => {
    const plan = planReads([stored(source, "a", 0, 95), stored(source, "b", 101, 120)], LIMITS);
    expect(summary(plan)).toEqual([
      ["file", 0, 95, ["a 0-95"]],
      ["file", 101, 120, ["b 101-120"]],
    ]);
  });

  test("keeps files apart, and asks nothing for an empty tensor", () => {
    const other = memorySource("other", new Uint8Array(0));
    const plan = planReads(
      [
        stored(other, "b", 8, 20),
        stored(source, "a", 8, 20),
        stored(other, "c", 20, 30),
        stored(source, "e", 20, 20),
      ],
      LIMITS,
    );
    expect(summary(plan)).toEqual([
      ["other", 8, 30, ["b 8-20", "c 20-30"]],
      ["file", 8, 20, ["a 8-20"]],
    ]);
  });

  test("reads a tensor that was asked for twice twice", () => {
    const plan = planReads([stored(source, "a", 8, 20), stored(source, "a", 8, 20)], LIMITS);
    expect(summary(plan)).toEqual([
      ["file", 8, 20, ["a 8-20"]],
      ["file", 8, 20, ["a 8-20"]],
    ]);
  });

  test("of nothing is nothing", () => {
    expect(planReads([], LIMITS)).toEqual([]);
  });
});

describe("streamTensors", () => {
  /** Hands out chunks of `size` bytes, a turn of the event loop apart, and counts its open streams. */
  function slow(size: number, chunk: number) {
    const inner = file(size);
    const state = { open: 0, mostOpen: 0, chunks: 0, started: [] as number[] };
    const source: ByteSource = {
      ...inner,
      async *stream(start, end, options) {
        state.started.push(start);
        state.mostOpen = Math.max(state.mostOpen, ++state.open);
        try {
          for (let at = start; at < end; at += chunk) {
            await new Promise((resolve) => setImmediate(resolve));
            state.chunks++;
            yield await inner.read(at, Math.min(end, at + chunk), options);
          }
        } finally {
          state.open--;
        }
      },
    };
    return { source, state };
  }

  const collect = () => {
    const received = new Map<string, number[]>();
    const onPiece = ({ info }: StoredTensor, bytes: Uint8Array): void => {
      received.set(info.name, [...(received.get(info.name) ?? []), ...bytes]);
    };
    return { received, onPiece };
  };

  const expected = (start: number, end: number): number[] =>
    Array.from({ length: end - start }, (_, i) => (start + i) % 251);

  test.each([1, 2, 4, 64])(
    "gives each tensor its bytes in order, %i ranges at once",
    async (concurrency) => {
      const { source, state } = slow(2000, 7);
      const { received, onPiece } = collect();
      const tensors = [
        stored(source, "a", 8, 700),
        stored(source, "b", 705, 711),
        stored(source, "c", 900, 1999),
      ];
      await streamTensors(planReads(tensors, LIMITS), onPiece, { concurrency });
      for (const { info } of tensors)
        expect(received.get(info.name)).toEqual(expected(info.start, info.end));
      expect(state.mostOpen).toBeLessThanOrEqual(concurrency);
      expect(state.mostOpen).toBe(Math.min(concurrency, state.started.length));
    },
  );

  test("tells how far it is, up to the whole", async () => {
    const { source } = slow(500, 40);
    const steps: Progress[] = [];
    const plan = planReads([stored(source, "a", 0, 250), stored(source, "b", 300, 400)], LIMITS);
    await streamTensors(plan, () => {}, {
      stage: "Reading layer 3",
      onProgress: (step) => steps.push(step),
    });
    expect(steps.at(-1)).toEqual({
      stage: "Reading layer 3",
      done: 350,
      total: 350,
      unit: "bytes",
    });
    expect(steps.map(({ done }) => done)).toEqual(
      steps.map(({ done }) => done).toSorted((a, b) => a - b),
    );
  });

  test("stops between chunks when cancelled, and lets go of what was open", async () => {
    const { source, state } = slow(1000, 10);
    const controller = new AbortController();
    let pieces = 0;
    const reading = streamTensors(
      planReads([stored(source, "a", 0, 1000)], LIMITS),
      () => {
        if (++pieces === 3) controller.abort();
      },
      { signal: controller.signal },
    );
    await expect(reading).rejects.toThrow(facetError("Cancelled", /reading weights/));
    expect(pieces).toBe(3);
    await expect.poll(() => state.open).toBe(0);
    expect(Math.max(...state.started)).toBeLessThan(500);
  });

  test("a failure of one range ends the whole and stops the others", async () => {
    const { source, state } = slow(100_000, 10);
    const failing: ByteSource = {
      ...source,
      stream: (start, end, options) => {
        if (start !== 1000) return source.stream(start, end, options);
        throw new Error("connection reset");
      },
    };
    const { received, onPiece } = collect();
    const tensors = [
      stored(failing, "a", 0, 20),
      stored(failing, "b", 1000, 1020),
      stored(failing, "c", 2000, 100_000),
    ];
    const plan = planReads(tensors, { maxGap: 0, maxBytes: 100_000 });
    await expect(streamTensors(plan, onPiece)).rejects.toThrow(
      facetError("Network", /file, bytes 1000 to 1020: .*connection reset/),
    );
    expect(received).toEqual(new Map([["a", expected(0, 20)]]));
    await expect.poll(() => state.open).toBe(0);
    expect(state.chunks).toBeLessThan(100);
  });

  test.each([
    ["short", -1],
    ["long", 1],
  ])("an answer that is too %s is an error, not wrong weights", async (_, more) => {
    const inner = file(1000);
    const lying: ByteSource = { ...inner, stream: (start, end) => inner.stream(start, end + more) };
    const { received, onPiece } = collect();
    const reading = streamTensors(planReads([stored(lying, "a", 0, 50)], LIMITS), onPiece);
    await expect(reading).rejects.toThrow(facetError("Network", /asked for bytes 0 to 50/));
    expect(received.get("a")?.length ?? 0).toBeLessThan(50);
  });

  test("an error of the one who takes the bytes comes through as it is", async () => {
    const { source } = slow(1000, 10);
    const full = new Error("no room");
    const reading = streamTensors(planReads([stored(source, "a", 0, 1000)], LIMITS), () => {
      throw full;
    });
    await expect(reading).rejects.toBe(full);
  });
});
