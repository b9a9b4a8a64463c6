// Which rows of a long table are drawn: all that are in sight, few more, each by an element of its own.

import fc from "fast-check";
import { expect, test } from "vitest";
import { drawnRows } from "../../../src/ui/table/virtualRows.ts";

test("every row in sight is drawn, and the pool is as large as the window asks", () => {
  fc.assert(
    fc.property(
      fc.nat(20_000),
      fc.integer({ min: 10, max: 40 }),
      fc.integer({ min: 0, max: 2000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (rows, rowHeight, height, share) => {
        const top = Math.max(0, rows * rowHeight - height) * share;
        const drawn = drawnRows(rows, rowHeight, top, height);
        const numbers = drawn.map(({ row }) => row);
        for (let y = top; y < Math.min(top + height, rows * rowHeight); y += rowHeight)
          expect(numbers).toContain(Math.floor(y / rowHeight));
        expect(numbers.every((row) => row >= 0 && row < rows)).toBe(true);
        expect(new Set(drawn.map(({ slot }) => slot)).size).toBe(drawn.length);
        expect(drawn.length).toBeLessThanOrEqual(Math.ceil(height / rowHeight) + 17);
      },
    ),
  );
});

test("an element keeps its row while that stays in sight", () => {
  const before = drawnRows(1000, 20, 4000, 400);
  const after = new Map(drawnRows(1000, 20, 4060, 400).map(({ row, slot }) => [row, slot]));
  const kept = before.filter(({ row }) => after.has(row));
  expect(kept.length).toBeGreaterThan(25);
  for (const { row, slot } of kept) expect(after.get(row)).toBe(slot);
});
