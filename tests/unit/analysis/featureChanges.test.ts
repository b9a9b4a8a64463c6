// Features of a token in two streams: which come, which go, and which change most.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHANGED_FEATURES, rowChanges } from "../../../src/analysis/featureChanges.ts";

const twice = (feature: number): number => (feature === 9 ? 10 : 2);

describe("changes of a token's features", () => {
  it("are what comes, what goes and what changes, the largest change of folded strength first", () => {
    const before = new Map([
      [1, 5],
      [2, 1],
      [3, 4],
      [9, 1],
    ]);
    const after = new Map([
      [1, 5],
      [3, 1],
      [4, 0.5],
      [5, 3],
      [9, 2],
    ]);
    const { l0, size, gained, lost, changed } = rowChanges(before, after, twice);
    expect(l0).toEqual({ before: 4, after: 5 });
    expect(gained.map(({ index }) => index)).toEqual([5, 4]);
    expect(gained[0]).toEqual({
      index: 5,
      before: { raw: 0, folded: 0 },
      after: { raw: 3, folded: 6 },
    });
    expect(lost).toEqual([
      { index: 2, before: { raw: 1, folded: 2 }, after: { raw: 0, folded: 0 } },
    ]);
    // 9 changes by less, and weighs more; 1 does not change.
    expect(changed.map(({ index }) => index)).toEqual([9, 3]);
    expect(size).toBe(2 + 6 + 1 + 6 + 10);
  });

  it("list the ten that change most, and everything that comes or goes", () => {
    const many = (value: number) => new Map(Array.from({ length: 30 }, (_, i) => [i, value + i]));
    const { changed, size } = rowChanges(many(1), many(1.5), () => 1);
    expect(changed).toHaveLength(CHANGED_FEATURES);
    expect(size).toBeCloseTo(15, 12);
    const { gained } = rowChanges(new Map(), many(1), () => 1);
    expect(gained).toHaveLength(30);
  });

  it("are none between a row and itself, and turn round with the rows", () => {
    const row = fc.array(fc.tuple(fc.nat(40), fc.double({ min: 0.01, max: 50, noNaN: true })));
    fc.assert(
      fc.property(row, row, (a, b) => {
        const [before, after] = [new Map(a), new Map(b)];
        const there = rowChanges(before, after, twice);
        const back = rowChanges(after, before, twice);
        expect(rowChanges(before, before, twice)).toMatchObject({
          size: 0,
          gained: [],
          lost: [],
          changed: [],
        });
        expect(there.gained.map(({ index }) => index)).toEqual(back.lost.map(({ index }) => index));
        expect(there.l0.after - there.l0.before).toBe(there.gained.length - there.lost.length);
      }),
    );
  });
});
