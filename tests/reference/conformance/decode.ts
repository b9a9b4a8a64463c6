// Features and decode, and what moves rows.

import { describe, expect, test } from "vitest";
import {
  ROW_STATS_COLUMNS,
  type Backend,
  type SparseRows,
  type Tensor,
} from "../../../src/backend/backend.ts";
import * as reference from "../ops.ts";
import { type Active, type Matrix, build } from "../ops.ts";
import {
  FORMATS,
  affine,
  expectNear,
  random,
  randomIntegers,
  randomSource,
  uploadWeight,
  upload,
} from "../support.ts";

export function decodeSuite(backend: () => Backend): void {
  const up = (m: Matrix): Tensor => upload(backend(), m);

  describe("features and decode", () => {
    const sparse = (active: readonly Active[]): SparseRows => {
      const rowStart = new Uint32Array(active.length + 1);
      active.forEach((row, t) => (rowStart[t + 1] = (rowStart[t] ?? 0) + row.length));
      const flat = active.flat();
      return {
        rowStart,
        index: Uint32Array.from(flat, (f) => f.index),
        value: Float32Array.from(flat, (f) => f.value),
      };
    };
    /** Row t has (t · step) mod (most + 1) active features. */
    const someActive = (rows: number, dSae: number, step: number, most: number): Active[] => {
      const next = randomSource(80);
      return Array.from({ length: rows }, (_, t) => {
        const count = (t * step) % (most + 1);
        const chosen = new Set<number>();
        while (chosen.size < Math.min(count, dSae)) chosen.add(Math.floor(next() * dSae));
        return [...chosen]
          .toSorted((a, b) => a - b)
          .map((index) => ({ index, value: Math.fround(next() + 0.1) }));
      });
    };

    test("features made elsewhere come back as they went", async () => {
      const rows = sparse(someActive(9, 300, 7, 40));
      const features = backend().features(rows);
      expect(features.rows).toBe(9);
      expect(await backend().readFeatures(features)).toEqual(rows);
    });

    for (const format of FORMATS) {
      for (const dIn of [4, 48, 128, 256, 260, 516]) {
        test(`decode ${format}, d_in ${dIn}`, async () => {
          const active = someActive(17, 257, 5, 60);
          const W = uploadWeight(backend(), random(257, dIn, 81, 0.2), format);
          const [b_dec, undo] = [random(1, dIn, 82), random(17, 2, 83)];
          for (const featureScale of [null, random(1, 257, 84)]) {
            const found = backend().decode(
              backend().features(sparse(active)),
              {
                W_dec: W.weight,
                b_dec: up(b_dec),
                featureScale: featureScale ? up(featureScale) : null,
              },
              up(undo),
            );
            const expected = reference.decode(active, W.values, b_dec, featureScale, undo);
            expectNear(await backend().read(found), expected, 1e-5);
          }
          W.weight.dispose();
        });
      }
    }
    test("decode of no active feature is the bias, in the model's space", async () => {
      const W = uploadWeight(backend(), random(132, 36, 85));
      const [b_dec, undo] = [random(1, 36, 86), random(4, 2, 87)];
      const none: Active[] = [[], [], [], []];
      const found = backend().decode(
        backend().features(sparse(none)),
        { W_dec: W.weight, b_dec: up(b_dec), featureScale: null },
        up(undo),
      );
      expectNear(
        await backend().read(found),
        reference.decode(none, W.values, b_dec, null, undo),
        1e-6,
      );
    });
    test("what encode made goes through decode", async () => {
      const x = randomIntegers(6, 12, 90, 3);
      const enc = uploadWeight(backend(), randomIntegers(12, 132, 91, 2));
      const dec = uploadWeight(backend(), random(132, 12, 92, 0.1));
      const epilogue = affine(132, (i) => [i % 3, 0, 1, i % 3]);
      const [b_dec, undo] = [random(1, 12, 93), build(6, 2, (_, c) => 1 - c)];
      const features = await backend().encode(up(x), {
        W_enc: enc.weight,
        affine: up(epilogue),
        k: null,
      });
      const found = backend().decode(
        features,
        { W_dec: dec.weight, b_dec: up(b_dec), featureScale: null },
        up(undo),
      );
      features.dispose();
      const active = reference.encode(x, enc.values, epilogue, null);
      expectNear(
        await backend().read(found),
        reference.decode(active, dec.values, b_dec, null, undo),
        1e-5,
      );
    });
  });

  describe("rows", () => {
    for (const cols of [4, 37, 128]) {
      test(`select, concatRows, sliceRows at ${cols} columns`, async () => {
        const [a, b] = [random(5, cols, 100), random(5, cols, 101)];
        const mask = Uint8Array.of(0, 1, 1, 0, 1);
        const [ta, tb] = [up(a), up(b)];
        const selected = build(5, cols, (t, c) => reference.at(mask[t] === 1 ? b : a, t, c));
        expect(await backend().read(backend().select(mask, ta, tb))).toEqual(
          Float32Array.from(selected.data),
        );
        const stacked = backend().concatRows([ta, tb, ta]);
        expect([stacked.rows, stacked.cols]).toEqual([15, cols]);
        expect(await backend().read(stacked)).toEqual(
          Float32Array.from([...a.data, ...b.data, ...a.data]),
        );
        const slice = backend().sliceRows(stacked, 4, 7);
        expect([slice.rows, slice.cols]).toEqual([3, cols]);
        expect(await backend().read(slice)).toEqual(
          Float32Array.from([...a.data.subarray(4 * cols), ...b.data.subarray(0, 2 * cols)]),
        );
      });

      test(`rowStats at ${cols} columns`, async () => {
        const [x, y] = [random(6, cols, 102, 2), random(6, cols, 103)];
        const found = backend().rowStats(up(x), up(y));
        expect([found.rows, found.cols]).toEqual([6, ROW_STATS_COLUMNS]);
        expectNear(await backend().read(found), reference.rowStats(x, y), 1e-5);
      });
    }
  });
}
