// Pages in a cell: what was written comes back, what was damaged does not, in whatever order they came.

import { createXXHash64 } from "hash-wasm";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  Cell,
  CELL_BYTES,
  type Checksum,
  INDEX_BYTES,
  PAGE_BYTES,
} from "../../../src/hub/cache/cell.ts";
import type { CacheFile } from "../../../src/hub/cache/store.ts";
import { MemoryStore } from "../../hub/memoryStore.ts";

let checksum: Checksum;
beforeAll(async () => {
  const xxHash64 = await createXXHash64();
  checksum = (bytes) => xxHash64.init().update(bytes).digest("binary");
});

const PATH = { folder: "folder", name: "cell" };
const PAGES = CELL_BYTES / PAGE_BYTES;
const content = Uint8Array.from({ length: CELL_BYTES }, (_, i) => (i * 2654435761) >>> 24);
const page = (index: number, pages = 1): Uint8Array =>
  content.subarray(index * PAGE_BYTES, (index + pages) * PAGE_BYTES);

const inCell = <T>(store: MemoryStore, use: (cell: Cell, file: CacheFile) => T): Promise<T> =>
  store.withFile(PATH, undefined, (file) => use(new Cell(file, checksum), file));

/** `toEqual` compares typed arrays element by element, at a cost that counts here. */
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** The pages from `index` on that come back, or fewer. */
function read(cell: Cell, index: number, pages: number): Uint8Array {
  const into = new Uint8Array(pages * PAGE_BYTES);
  return into.subarray(0, cell.read(index, into) * PAGE_BYTES);
}

describe("Cell", () => {
  it("gives back what was written, after it was closed too", async () => {
    const store = new MemoryStore();
    await inCell(store, (cell) => {
      expect(cell.has(3)).toBe(false);
      cell.write(3, page(3, 2));
      expect(same(read(cell, 3, 2), page(3, 2))).toBe(true);
    });
    await inCell(store, (cell) => {
      expect([2, 3, 4, 5].map((index) => cell.has(index))).toEqual([false, true, true, false]);
      expect(same(read(cell, 3, 5), page(3, 2))).toBe(true);
      expect(read(cell, 2, 1)).toHaveLength(0);
    });
  });

  it("takes no more room than its pages", async () => {
    const store = new MemoryStore();
    await inCell(store, (cell) => cell.write(PAGES - 1, page(PAGES - 1)));
    expect(store.contents.get("folder/cell")?.byteLength).toBe(INDEX_BYTES + PAGE_BYTES);
  });

  it("holds a short last page", async () => {
    const store = new MemoryStore();
    const bytes = content.subarray(0, PAGE_BYTES + 5);
    await inCell(store, (cell) => cell.write(0, bytes));
    const into = new Uint8Array(bytes.byteLength);
    expect(await inCell(store, (cell) => cell.read(0, into))).toBe(2);
    expect(same(into, bytes)).toBe(true);
  });

  it("gives back pages whatever the order they came in", async () => {
    const writes = fc.array(
      fc.record({ index: fc.nat(PAGES - 1), pages: fc.integer({ min: 1, max: 40 }) }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(writes, async (runs) => {
        const store = new MemoryStore();
        const there = new Set<number>();
        for (const { index, pages } of runs) {
          const count = Math.min(pages, PAGES - index);
          await inCell(store, (cell) => cell.write(index, page(index, count)));
          for (let i = 0; i < count; i++) there.add(index + i);
        }
        await inCell(store, (cell) => {
          for (let index = 0; index < PAGES; index++)
            expect(cell.has(index)).toBe(there.has(index));
          for (const index of there) expect(same(read(cell, index, 1), page(index))).toBe(true);
        });
        expect(store.contents.get("folder/cell")?.byteLength ?? 0).toBeLessThanOrEqual(
          INDEX_BYTES + there.size * PAGE_BYTES,
        );
      }),
      { numRuns: 30 },
    );
  });

  it("never gives back wrong bytes, whichever byte of its file is turned", async () => {
    const whole = new MemoryStore();
    await inCell(whole, (cell) => {
      cell.write(7, page(7, 2));
      cell.write(0, page(0, 3));
    });
    const stored = whole.contents.get("folder/cell") ?? new Uint8Array();
    const inUse = [0, 1, 2, 7, 8];
    const positions = [
      ...inUse.flatMap((index) => Array.from({ length: 12 }, (_, i) => index * 12 + i)),
      ...inUse.flatMap((_, slot) =>
        [0, 1, PAGE_BYTES / 2, PAGE_BYTES - 1].map((at) => INDEX_BYTES + slot * PAGE_BYTES + at),
      ),
    ];
    for (const position of positions) {
      const store = new MemoryStore();
      const damaged = Uint8Array.from(stored);
      damaged[position] = ~(damaged[position] ?? 0);
      store.contents.set("folder/cell", damaged);
      await inCell(store, (cell) => {
        const lost = inUse.filter((index) => {
          const bytes = read(cell, index, 1);
          if (bytes.byteLength > 0) expect(same(bytes, page(index))).toBe(true);
          return bytes.byteLength === 0;
        });
        expect(lost, `byte ${position}`).toHaveLength(1);
        // The page that was lost can be written again, and the others stay.
        for (const index of lost) cell.write(index, page(index));
        for (const index of inUse) expect(same(read(cell, index, 1), page(index))).toBe(true);
      });
    }
  });

  it("takes nonsense for an empty cell", async () => {
    const store = new MemoryStore();
    store.contents.set("folder/cell", content.slice(0, 5000));
    await inCell(store, (cell) => {
      for (let index = 0; index < PAGES; index++) expect(read(cell, index, 1)).toHaveLength(0);
      cell.write(0, page(0, PAGES));
      expect(same(read(cell, 0, PAGES), content)).toBe(true);
    });
  });
});
