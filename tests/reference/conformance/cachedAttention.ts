// Attention of rows that go on from a cache of keys and values.

import { describe, expect, test } from "vitest";
import type {
  AttentionHeads,
  Backend,
  CachedContext,
  Tensor,
} from "../../../src/backend/backend.ts";
import * as reference from "../ops.ts";
import type { Matrix } from "../ops.ts";
import { expectNear, random, upload } from "../support.ts";

export function cachedAttentionSuite(backend: () => Backend): void {
  const up = (m: Matrix): Tensor => upload(backend(), m);

  /** Calls on one cache, in order, each against the reference. */
  const check = async (
    heads: AttentionHeads,
    capacity: number,
    calls: readonly (readonly CachedContext[])[],
    scale = 1,
    tolerance = 2e-5,
  ): Promise<void> => {
    const cache = backend().kvCache(capacity, heads);
    expect(cache.rows).toBe(capacity);
    const expected: reference.CachedRow[] = [];
    for (const [i, contexts] of calls.entries()) {
      const T = contexts.reduce((total, { rows }) => total + rows, 0);
      const q = random(T, heads.heads * heads.headDim, 50 + 3 * i, scale);
      const k = random(T, heads.kvHeads * heads.headDim, 51 + 3 * i, scale);
      const v = random(T, heads.kvHeads * heads.headDim, 52 + 3 * i);
      const spec = { ...heads, contexts };
      const found = backend().cachedAttention(up(q), up(k), up(v), cache, spec);
      expect([found.rows, found.cols]).toEqual([T, heads.heads * heads.headDim]);
      expectNear(
        await backend().read(found),
        reference.cachedAttention(q, k, v, expected, spec),
        tolerance,
      );
    }
    cache.dispose();
  };
  const headsOf = (
    heads: number,
    kvHeads: number,
    headDim: number,
    theta = 10000,
  ): AttentionHeads => ({ heads, kvHeads, headDim, theta });
  const start = (rows: number, first = 0): CachedContext => ({ shared: 0, first, past: 0, rows });

  describe("cachedAttention", () => {
    for (const [heads, kvHeads, headDim, theta] of [
      [6, 2, 6, 500],
      [2, 2, 16, 300],
      [4, 1, 20, 10000],
      [4, 1, 32, 10000],
      [2, 1, 256, 10000],
      [1, 1, 2, 10000],
    ] as const) {
      test(`token by token, ${heads} heads on ${kvHeads}, head_dim ${headDim}`, async () => {
        const step = (past: number, rows = 1): CachedContext[] => [
          { shared: 0, first: 0, past, rows },
        ];
        await check(headsOf(heads, kvHeads, headDim, theta), 9, [
          [start(3)],
          step(3),
          step(4),
          step(5, 3),
          step(8),
        ]);
      });
      test(`branches of a beginning, ${heads} heads on ${kvHeads}, head_dim ${headDim}`, async () => {
        await check(headsOf(heads, kvHeads, headDim, theta), 30, [
          [start(7)],
          // One row in the place of position 4, twice; a longer branch; and the beginning itself goes on.
          [
            { shared: 4, first: 7, past: 0, rows: 1 },
            { shared: 4, first: 8, past: 0, rows: 1 },
            { shared: 2, first: 9, past: 0, rows: 5 },
            { shared: 7, first: 16, past: 0, rows: 2 },
          ],
          [
            { shared: 2, first: 9, past: 5, rows: 2 },
            { shared: 7, first: 18, past: 0, rows: 1 },
          ],
        ]);
      });
    }
    test("a place in the cache is used again", async () => {
      await check(headsOf(2, 1, 8), 6, [
        [start(4)],
        [{ shared: 3, first: 4, past: 0, rows: 2 }],
        [{ shared: 1, first: 4, past: 0, rows: 1 }],
        [{ shared: 1, first: 4, past: 1, rows: 1 }],
      ]);
    });
    test("two contexts side by side, each in its own room", async () => {
      const both = (past: number): CachedContext[] => [
        { shared: 0, first: 0, past, rows: 1 },
        { shared: 0, first: 10, past, rows: 1 },
      ];
      await check(headsOf(4, 2, 8), 20, [[start(6), start(6, 10)], both(6), both(7)]);
    });
    test("on both sides of every group of keys", async () => {
      for (const past of [1, 2, 3, 4, 5, 15, 16, 63, 64, 65, 127, 128]) {
        await check(headsOf(2, 1, 8), past + 2, [
          [start(past)],
          [{ shared: past, first: past, past: 0, rows: 2 }],
        ]);
      }
    });
    for (const [heads, kvHeads, headDim] of [
      [6, 2, 6],
      [4, 1, 20],
      [2, 2, 16],
    ] as const) {
      test(`many branches of one row, ${heads} heads on ${kvHeads}, head_dim ${headDim}`, async () => {
        const branches = Array.from({ length: 25 }, (_, i) => ({
          shared: 11,
          first: 13 + i,
          past: 0,
          rows: 1,
        }));
        await check(headsOf(heads, kvHeads, headDim), 60, [
          [start(13)],
          branches,
          // One of them goes on from its own row.
          [{ shared: 11, first: 37, past: 1, rows: 2 }],
        ]);
      });
    }
    test("many rows at once", async () => {
      const branches = Array.from({ length: 20 }, (_, i) => ({
        shared: 11,
        first: 40 + 13 * i,
        past: 0,
        rows: 13,
      }));
      await check(headsOf(2, 1, 8), 300, [[start(40)], branches]);
    });
    test("scores of some hundreds do not overflow", async () => {
      const last = [{ shared: 0, first: 0, past: 19, rows: 2 }];
      await check(headsOf(2, 1, 32), 21, [[start(19)], last], 10, 2e-4);
    });
    // Angles are f32, as Hugging Face makes them: 1e-4 rad at position 1030.
    test("over a thousand positions", async () => {
      const last = [{ shared: 0, first: 0, past: 1030, rows: 1 }];
      await check(headsOf(1, 1, 16), 1031, [[start(1030)], last], 1, 2e-4);
    });
    test("from the start, the bits of attention", async () => {
      const heads = headsOf(4, 1, 20);
      const [q, k, v] = [up(random(12, 80, 60)), up(random(12, 20, 61)), up(random(12, 20, 62))];
      const plain = backend().attention(q, k, v, { ...heads, contexts: [9, 3] });
      const contexts = [start(9), start(3, 9)];
      const cache = backend().kvCache(12, heads);
      const cached = backend().cachedAttention(q, k, v, cache, { ...heads, contexts });
      expect(await backend().read(cached)).toEqual(await backend().read(plain));
      cache.dispose();
    });
    test("what does not fit is refused", () => {
      const heads = headsOf(2, 1, 8);
      const cache = backend().kvCache(4, heads);
      const [q, k] = [up(random(5, 16, 63)), up(random(5, 8, 64))];
      expect(() =>
        backend().cachedAttention(q, k, k, cache, { ...heads, contexts: [start(5)] }),
      ).toThrow(RangeError);
      cache.dispose();
    });
  });
}
