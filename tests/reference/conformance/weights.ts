// Weights in every format and gather: bytes go in, rows come out.

import { describe, expect, test } from "vitest";
import type { Backend, Tensor } from "../../../src/backend/backend.ts";
import { store } from "../dtypes.ts";
import * as reference from "../ops.ts";
import type { Matrix } from "../ops.ts";
import { FILE_FORMATS, FORMATS, expectNear, random, uploadWeight, upload } from "../support.ts";

export function weightsSuite(backend: () => Backend): void {
  const up = (m: Matrix): Tensor => upload(backend(), m);

  describe("tensors", () => {
    test("come back as they went", async () => {
      const m = random(5, 7, 1);
      const x = up(m);
      expect([x.rows, x.cols]).toEqual([5, 7]);
      expect(await backend().read(x)).toEqual(Float32Array.from(m.data));
      // Reading takes nothing away.
      expect(await backend().read(x)).toEqual(Float32Array.from(m.data));
    });

    test("of a wrong length are refused", () => {
      expect(() => backend().tensor(new Float32Array(5), 2, 3)).toThrow(RangeError);
    });

    test("can be read at the same time", async () => {
      const [m1, m2] = [random(3, 5, 2), random(4, 9, 3)];
      const [x1, x2] = [up(m1), up(m2)];
      const [v1, v2] = await Promise.all([backend().read(x1), backend().read(x2)]);
      expect(v1).toEqual(Float32Array.from(m1.data));
      expect(v2).toEqual(Float32Array.from(m2.data));
    });

    test("may be disposed as soon as the operation on them was recorded", async () => {
      const [x, y] = [random(6, 36, 4), random(6, 36, 5)];
      const { weight, values } = uploadWeight(backend(), random(20, 36, 6, 0.2));
      const [tx, ty] = [up(x), up(y)];
      const product = backend().linear(tx, weight);
      tx.dispose();
      const other = backend().linear(ty, weight);
      ty.dispose();
      up(random(6, 36, 7));
      weight.dispose();
      expectNear(await backend().read(product), reference.linear(x, values), 1e-5);
      expectNear(await backend().read(other), reference.linear(y, values), 1e-5);
    });

    test("memory counts weights and tensors", () => {
      const before = backend().memory();
      const { weight } = uploadWeight(backend(), random(64, 64, 8));
      expect(weight.bytes).toBeGreaterThanOrEqual(64 * 64 * 4);
      expect(backend().memory()).toBeGreaterThanOrEqual(before + 64 * 64 * 4);
      weight.dispose();
      expect(backend().memory()).toBe(before);
    });
  });

  describe("weights", () => {
    for (const format of FORMATS) {
      for (const pieces of [[], [1], [3, 7, 2], [1021]]) {
        test(`${format} written in pieces of ${pieces.join(", ") || "all"} bytes`, async () => {
          const { weight, values } = uploadWeight(backend(), random(37, 36, 10), format, pieces);
          expect([weight.rows, weight.cols]).toEqual([37, 36]);
          const rows = await backend().read(
            backend().gather(weight, Uint32Array.from(Array(37).keys()), 1),
          );
          expect(rows).toEqual(Float32Array.from(values.data));
          weight.dispose();
        });
      }
    }

    for (const format of FILE_FORMATS) {
      test(`${format} with too few or too many bytes is a Format error`, () => {
        const spec = { label: "short.weight", rows: 3, cols: 4, format };
        const bytes = store(random(3, 4, 11), format).bytes;
        const short = backend().weight(spec);
        short.write(bytes.subarray(1));
        expect(() => short.finish()).toThrow(expect.objectContaining({ code: "Format" }));
        const long = backend().weight(spec);
        expect(() => {
          long.write(bytes);
          long.write(bytes.subarray(0, 1));
          long.finish();
        }).toThrow(expect.objectContaining({ code: "Format" }));
      });
    }

    test("aborted or failed half-way, hold no memory", () => {
      const before = backend().memory();
      const writer = backend().weight({ label: "w", rows: 50, cols: 40, format: "f32" });
      writer.write(new Uint8Array(1001));
      writer.abort();
      expect(backend().memory()).toBe(before);
      const failing = backend().weight({ label: "w", rows: 50, cols: 40, format: "bf16" });
      expect(() => failing.finish()).toThrow(expect.objectContaining({ code: "Format" }));
      expect(backend().memory()).toBe(before);
    });
  });

  describe("gather", () => {
    for (const format of FORMATS) {
      test(`${format} rows in any order, repeated, scaled`, async () => {
        const { weight, values } = uploadWeight(backend(), random(257, 36, 20), format, [4099]);
        const ids = Uint32Array.of(256, 0, 3, 3, 255, 131, 0);
        const scale = Math.sqrt(36);
        const found = await backend().read(backend().gather(weight, ids, scale));
        expectNear(found, reference.gather(values, ids, scale), 1e-6);
        weight.dispose();
      });
    }
  });

  describe("checkpoint", () => {
    test("sends what was recorded and goes on", async () => {
      const m = random(4, 36, 120);
      const { weight, values } = uploadWeight(backend(), random(36, 36, 121, 0.2));
      const once = backend().linear(up(m), weight);
      await backend().checkpoint();
      const twice = backend().linear(once, weight);
      await backend().checkpoint(new AbortController().signal);
      expectNear(
        await backend().read(twice),
        reference.linear(reference.linear(m, values), values),
        1e-5,
      );
    });
    test("throws Cancelled once the signal is aborted, and the backend works on", async () => {
      const controller = new AbortController();
      const x = up(random(3, 4, 122));
      controller.abort();
      await expect(backend().checkpoint(controller.signal)).rejects.toMatchObject({
        code: "Cancelled",
      });
      expect((await backend().read(x)).length).toBe(12);
    });
  });
}
