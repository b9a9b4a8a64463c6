// What the WebGPU backend plans before it dispatches: slices of weights, blocks of rows, tiles of keys and vocabulary,
// size classes of buffers. Plain data; no device is used.

import { describe, expect, test } from "vitest";
import { planTiles } from "../../src/backend/webgpu/ops/logitStats.ts";
import { ropeTable } from "../../src/backend/webgpu/ops/ropeTables.ts";
import { rowBlocks } from "../../src/backend/webgpu/ops/rowBlocks.ts";
import { BufferPool, type DeviceBuffer, sizeClass } from "../../src/backend/webgpu/pool.ts";
import { planSlices } from "../../src/backend/webgpu/weights.ts";
import { testGpu } from "./device.ts";

const MiB = 2 ** 20;

describe("slices of a weight", () => {
  const plan = (rows: number, cols: number, format: "f32" | "bf16", maxBytes = 128 * MiB) =>
    planSlices({ label: "w", rows, cols, format }, maxBytes);

  test("a matrix of exactly the binding limit is one slice", () => {
    // W_enc of gemma-2b's SAEs: 134,217,728 bytes.
    expect(plan(2048, 16384, "f32")).toEqual([{ firstRow: 0, rows: 2048, bytes: 128 * MiB }]);
  });
  test("one row more makes a second", () => {
    expect(plan(2049, 16384, "f32").map((s) => s.rows)).toEqual([2048, 1]);
  });
  test("gemma-2b's embedding: whole rows, every slice within the limit, nothing lost", () => {
    const slices = plan(256_000, 2048, "bf16");
    expect(slices).toHaveLength(8);
    expect(slices.every((s) => s.bytes <= 128 * MiB && s.bytes === s.rows * 4096)).toBe(true);
    expect(slices.reduce((rows, s) => rows + s.rows, 0)).toBe(256_000);
    expect(slices.map((s) => s.firstRow)).toEqual(slices.map((_, i) => i * 32_768));
  });
  test("gemma-2b's embedding in int4 takes 5 bits a value, in fewer slices", () => {
    const spec = { label: "w", rows: 256_000, cols: 2048, format: "bf16", keep: "int4" } as const;
    const slices = planSlices(spec, 128 * MiB);
    expect(slices).toHaveLength(3);
    expect(slices.reduce((bytes, s) => bytes + s.bytes, 0)).toBe((256_000 * 2048 * 5) / 8);
  });
  test("slices begin at multiples of four rows", () => {
    expect(plan(20, 4, "f32", 16 * 7).map((s) => s.firstRow)).toEqual([0, 4, 8, 12, 16]);
  });
  for (const [rows, cols] of [
    [0, 4],
    [-4, 4],
    [1.5, 4],
    [4, 6],
    [4, 0],
    [2 ** 40, 2 ** 20],
  ] as const) {
    test(`${rows} × ${cols} is Unsupported before anything is allocated`, () => {
      expect(() => plan(rows, cols, "f32")).toThrow(
        expect.objectContaining({ code: "Unsupported" }),
      );
    });
  }
});

describe("blocks of rows", () => {
  test("cheap rows go in one block", () => {
    expect(rowBlocks(64, 10, 1e9)).toEqual([{ first: 0, rows: 64 }]);
  });
  test("dear rows go in blocks of a multiple of 32, at least 32", () => {
    expect(rowBlocks(70, 1, 0.5).map((b) => b.rows)).toEqual([32, 32, 6]);
    expect(rowBlocks(200, 1, 100).map((b) => b.rows)).toEqual([96, 96, 8]);
  });
  test("no rows, no block", () => {
    expect(rowBlocks(0, 1, 100)).toEqual([]);
  });
});

describe("tiles of the vocabulary", () => {
  const slice = (firstRow: number, rows: number) => ({
    firstRow,
    rows,
    buffer: {} as DeviceBuffer,
  });
  test("cover every row once and never lie over two slices", () => {
    const slices = [slice(0, 3000), slice(3000, 1096)];
    const tiles = planTiles(slices, 4096, 64);
    expect(tiles.map((t) => [t.slice.firstRow + t.firstWeight, t.columns])).toEqual([
      [0, 1024],
      [1024, 1024],
      [2048, 952],
      [3000, 1024],
      [4024, 72],
    ]);
  });
  test("scratch stays within 16 MiB whatever the length of the text", () => {
    for (const rows of [1, 64, 1024, 8192]) {
      const widest = Math.max(
        ...planTiles([slice(0, 256_000)], 256_000, rows).map((t) => t.columns),
      );
      expect(widest * rows * 4).toBeLessThanOrEqual(16 * MiB);
    }
  });
});

describe("rope table", () => {
  test("is cos and sin of position · theta^(-2i/headDim), to f32 of the angle", () => {
    const table = ropeTable(10000, 8, 100);
    for (const position of [0, 1, 99]) {
      for (const i of [0, 1, 2, 3]) {
        const angle = position * 10000 ** (-i / 4);
        const [cos, sin] = table.subarray(position * 8 + 2 * i);
        expect(Math.abs((cos ?? NaN) - Math.cos(angle))).toBeLessThan(1e-5);
        expect(Math.abs((sin ?? NaN) - Math.sin(angle))).toBeLessThan(1e-5);
      }
    }
  });
});

describe("buffers", () => {
  test("size classes hold what is asked, with a fifth of slack at most, and are classes", () => {
    for (let bytes = 4; bytes <= 128 * MiB; bytes = Math.ceil((bytes * 1.37) / 4) * 4) {
      const size = sizeClass(bytes);
      expect(size).toBeGreaterThanOrEqual(bytes);
      expect(size % 256).toBe(0);
      if (bytes > 2048) expect(size).toBeLessThanOrEqual(bytes * 1.25);
      expect(sizeClass(size)).toBe(size);
    }
    expect(sizeClass(128 * MiB)).toBe(128 * MiB);
  });

  const poolWithFakes = () => {
    testGpu(); // For GPUBufferUsage.
    const destroyed: number[] = [];
    const device = { createBuffer: () => ({}) } as unknown as GPUDevice;
    return { pool: new BufferPool(device, (buffer) => destroyed.push(buffer.id)), destroyed };
  };
  test("a released buffer is used again, the oldest first", () => {
    const { pool } = poolWithFakes();
    const [a, b] = [pool.acquire(1000, "a"), pool.acquire(1000, "b")];
    pool.release(b);
    pool.release(a);
    expect(pool.acquire(900, "c")).toBe(a);
    expect(pool.acquire(900, "d")).toBe(b);
    expect(pool.made).toBe(2);
  });
  test("after a failed allocation no earlier buffer is used again", () => {
    const { pool, destroyed } = poolWithFakes();
    const [a, b] = [pool.acquire(1000, "a"), pool.acquire(1000, "b")];
    pool.release(a);
    pool.distrust();
    pool.release(b);
    expect(destroyed).toEqual([a.id, b.id]);
    expect(pool.bytes).toBe(0);
    const c = pool.acquire(1000, "c");
    pool.release(c);
    expect(pool.acquire(1000, "d")).toBe(c);
  });
});
