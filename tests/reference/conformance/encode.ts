// Every kind of encoder.

import { describe, expect, test } from "vitest";
import type { Backend, Tensor } from "../../../src/backend/backend.ts";
import type { Precision } from "../../../src/lib/report.ts";
import * as reference from "../ops.ts";
import { type Active, type Matrix, build } from "../ops.ts";
import {
  affine,
  activeRows,
  expectSameFeatures,
  random,
  randomIntegers,
  uploadWeight,
  upload,
} from "../support.ts";

export function encodeSuite(backend: () => Backend): void {
  const up = (m: Matrix): Tensor => upload(backend(), m);

  describe("encode", () => {
    /** Whole numbers, so that on, off and ties are exact whatever the order of sums. */
    const exact = async (
      [T, dIn, dSae]: readonly [number, number, number],
      k: number | null,
      epilogue: Matrix,
      format: Precision = "f32",
    ): Promise<Active[]> => {
      const x = randomIntegers(T, dIn, T + dSae, 3);
      const { weight, values } = uploadWeight(backend(), randomIntegers(dIn, dSae, dIn, 2), format);
      const expected = reference.encode(x, values, epilogue, k);
      const features = await backend().encode(up(x), { W_enc: weight, affine: up(epilogue), k });
      expect(features.rows).toBe(T);
      expectSameFeatures(await backend().readFeatures(features), expected);
      features.dispose();
      weight.dispose();
      return expected;
    };
    const standard = (dSae: number): Matrix => affine(dSae, (i) => [i % 3, 0, 1, i % 3]);
    const jumprelu = (dSae: number): Matrix =>
      affine(dSae, (i) => [i % 3, (i % 5) + 0.5, 1, i % 3]);
    const gated = (dSae: number): Matrix => affine(dSae, (i) => [(i % 3) - 1, 0, 0.5, (i % 4) - 2]);
    const topK = (dSae: number): Matrix => affine(dSae, (i) => [i % 2, -Infinity, 1, i % 2]);

    for (const dSae of [4, 132, 200, 256, 260, 1024, 1028]) {
      for (const dIn of [4, 36, 128]) {
        test(`d_in ${dIn}, d_sae ${dSae}`, async () => {
          await exact([1, dIn, dSae], null, standard(dSae));
          await exact([5, dIn, dSae], null, jumprelu(dSae));
          await exact([9, dIn, dSae], null, gated(dSae), "bf16");
        });
      }
    }
    test("on both sides of every tile of rows", async () => {
      for (const T of [2, 3, 4, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 130]) {
        await exact([T, 12, 132], null, standard(132), "f16");
      }
    });
    test("values of random floats", async () => {
      const x = random(25, 48, 70);
      const { weight, values } = uploadWeight(backend(), random(48, 200, 71, 1 / 7));
      const epilogue = affine(
        200,
        (i) => [0.1, 0.2, 1, 0.1 + i / 1000].map(Math.fround) as [number, number, number, number],
      );
      const features = await backend().encode(up(x), {
        W_enc: weight,
        affine: up(epilogue),
        k: null,
      });
      expectSameFeatures(
        await backend().readFeatures(features),
        reference.encode(x, values, epilogue, null),
      );
    });
    test("no active feature", async () => {
      const expected = await exact(
        [3, 8, 132],
        null,
        affine(132, () => [0, 1e6, 1, 0]),
      );
      expect(expected.flat()).toEqual([]);
    });
    test("all features active", async () => {
      const expected = await exact(
        [9, 8, 260],
        null,
        affine(260, () => [1e4, 0, 1, 1e4]),
      );
      expect(expected.every((row) => row.length === 260)).toBe(true);
    });
    test("exactly at the threshold is off", async () => {
      const x = build(1, 4, () => 1);
      const { weight } = uploadWeight(
        backend(),
        build(4, 8, (r, i) => (r === 0 ? i : 0)),
      );
      const epilogue = affine(8, () => [0, 3, 1, 0]);
      const features = await backend().encode(up(x), {
        W_enc: weight,
        affine: up(epilogue),
        k: null,
      });
      const rows = await backend().readFeatures(features);
      expect([...rows.index]).toEqual([4, 5, 6, 7]);
      expect([...rows.value]).toEqual([4, 5, 6, 7]);
    });

    for (const dSae of [4, 132, 256, 260, 1028]) {
      test(`top k of ${dSae}, with ties`, async () => {
        for (const k of [1, 3, 4, 31, 32, 33, 130, 10_000])
          await exact([5, 12, dSae], k, topK(dSae));
      });
    }
    test("top k of a wide SAE", async () => {
      await exact([2, 4, 16_388], 64, topK(16_388));
    });
    test("top k larger than what is active drops what ReLU drops", async () => {
      const expected = await exact(
        [4, 12, 132],
        100,
        affine(132, (i) => [0, -Infinity, 1, i < 5 ? 50 : -200]),
      );
      expect(expected.every((row) => row.length === 5)).toBe(true);
    });
    test("top k where all are equal takes the lowest indices", async () => {
      const x = build(2, 4, () => 1);
      const { weight } = uploadWeight(
        backend(),
        build(4, 300, () => 1),
      );
      const epilogue = affine(300, () => [0, -Infinity, 1, 0]);
      const features = await backend().encode(up(x), { W_enc: weight, affine: up(epilogue), k: 7 });
      const rows = await backend().readFeatures(features);
      expect([...rows.index]).toEqual([0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6]);
      expect([...rows.rowStart]).toEqual([0, 7, 14]);
    });

    for (const k of [null, 3]) {
      test(`rows with NaN and infinities hurt no other row${k ? ", top k" : ""}`, async () => {
        const x = build(
          4,
          4,
          (t, c) =>
            [
              [1, 2, 3, 4],
              [NaN, 1, 1, 1],
              [Infinity, 0, 0, 0],
              [4, 3, 2, 1],
            ][t]?.[c] ?? NaN,
        );
        const W = build(4, 132, (r, i) => ((r + i) % 3) - 1);
        const { weight, values } = uploadWeight(backend(), W);
        const epilogue = k ? topK(132) : standard(132);
        const features = await backend().encode(up(x), { W_enc: weight, affine: up(epilogue), k });
        const rows = await backend().readFeatures(features);
        expect(rows.value.every((v) => !(v <= 0))).toBe(true);
        const found = activeRows(rows);
        const expected = reference.encode(x, values, epilogue, k);
        expect(found[0]).toEqual(expected[0]);
        expect(found[3]).toEqual(expected[3]);
      });
    }
  });
}
