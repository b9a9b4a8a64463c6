// What is not finite stays so: a row that holds NaN or an infinity, because sums before it overflowed, never becomes a
// row of plain numbers, and hurts no other row.

import { describe, expect, test } from "vitest";
import {
  LOGIT_STATS,
  LOGIT_STATS_COLUMNS,
  type Backend,
  type RowNormalization,
  type Tensor,
} from "../../../src/backend/backend.ts";
import type { Matrix } from "../ops.ts";
import { affine, random, uploadWeight, upload } from "../support.ts";

/** Which row is spoilt, of T. */
const SPOILT = 1;

export function notFiniteSuite(backend: () => Backend): void {
  const up = (m: Matrix): Tensor => upload(backend(), m);

  /** The matrix with one value of row `SPOILT` replaced. */
  const spoil = (m: Matrix, value: number): Matrix => {
    const data = [...m.data];
    data[SPOILT * m.cols + 2] = value;
    return { ...m, data: Float64Array.from(data) };
  };
  /** Of the rows in `values`, row-major, which hold something that is not finite. */
  const spoiltRows = (values: Float32Array, rows: number): number[] => {
    const cols = values.length / rows;
    return [...Array(rows).keys()].filter(
      (t) => !values.subarray(t * cols, (t + 1) * cols).every(Number.isFinite),
    );
  };
  const expectSpoilt = async (y: Tensor, rows = [SPOILT]): Promise<void> => {
    expect(spoiltRows(await backend().read(y), y.rows)).toEqual(rows);
    y.dispose();
  };
  /**
   * The rows from `SPOILT` on, which see it. Earlier rows may be spoilt too: a tile's masked values are multiplied by 0,
   * as they are in PyTorch.
   */
  const expectSpoiltFromThere = async (y: Tensor): Promise<void> => {
    const spoilt = spoiltRows(await backend().read(y), y.rows);
    expect(spoilt).toEqual(expect.arrayContaining([...Array(y.rows).keys()].slice(SPOILT)));
    y.dispose();
  };

  describe.each([NaN, Infinity, -Infinity])("what is not finite stays so: %f", (value) => {
    test("rmsNorm", async () => {
      for (const T of [2, 5]) {
        const x = up(spoil(random(T, 36, 1), value));
        await expectSpoilt(backend().rmsNorm(x, up(random(1, 36, 2)), 1e-6));
      }
    });

    test("linear, its addend, and gatedMlp", async () => {
      for (const T of [2, 5, 17, 65]) {
        const x = random(T, 36, 1);
        const bad = up(spoil(x, value));
        const W = uploadWeight(backend(), random(52, 36, 2)).weight;
        const V = uploadWeight(backend(), random(52, 36, 3)).weight;
        await expectSpoilt(backend().linear(bad, W));
        await expectSpoilt(backend().linear(up(x), W, up(spoil(random(T, 52, 4), value))));
        for (const act of ["tanh", "erf"] as const)
          await expectSpoilt(backend().gatedMlp(bad, W, V, act));
      }
    });

    test.each<RowNormalization>([
      { kind: "none" },
      { kind: "scale", factor: 0.5 },
      { kind: "constant_norm_rescale" },
      { kind: "layer_norm" },
    ])("normalizeRows $kind", async (how) => {
      const { rows, undo } = backend().normalizeRows(up(spoil(random(4, 36, 1), value)), how, null);
      await expectSpoilt(rows);
      undo.dispose();
    });

    test("encode, and decode of that", async () => {
      const W_enc = uploadWeight(backend(), random(36, 132, 2)).weight;
      const W_dec = uploadWeight(backend(), random(132, 36, 3)).weight;
      for (const k of [null, 9]) {
        const epilogue = affine(132, () => [0.1, k ? -3e38 : 0.2, 1, 0.1]);
        for (const T of [2, 5, 17, 65]) {
          const x = up(spoil(random(T, 36, 1), value));
          const features = await backend().encode(x, { W_enc, affine: up(epilogue), k });
          const { rowStart, value: values } = await backend().readFeatures(features);
          const spoilt = [...Array(T).keys()].filter(
            (t) => !values.subarray(rowStart[t], rowStart[t + 1]).every(Number.isFinite),
          );
          expect(spoilt).toEqual([SPOILT]);
          const decoder = { W_dec, b_dec: up(random(1, 36, 4)), featureScale: null };
          const undo = backend().normalizeRows(up(random(T, 36, 5)), { kind: "none" }, null).undo;
          await expectSpoilt(backend().decode(features, decoder, undo));
        }
      }
    });

    test("rowStats", async () => {
      const [x, y] = [random(4, 36, 1), random(4, 36, 2)];
      await expectSpoilt(backend().rowStats(up(spoil(x, value)), up(y)));
      await expectSpoilt(backend().rowStats(up(x), up(spoil(y, value))));
    });

    test("values of attention: every later row sees them", async () => {
      const spec = { heads: 2, kvHeads: 1, headDim: 8, theta: 10000 };
      for (const T of [4, 20]) {
        const [q, k, v] = [random(T, 16, 1), random(T, 8, 2), up(spoil(random(T, 8, 3), value))];
        const whole = backend().attention(up(q), up(k), v, { ...spec, contexts: [T] });
        await expectSpoiltFromThere(whole);
        const cache = backend().kvCache(T, spec);
        const contexts = [{ shared: 0, first: 0, past: 0, rows: T }];
        const cached = backend().cachedAttention(up(q), up(k), v, cache, { ...spec, contexts });
        await expectSpoiltFromThere(cached);
        cache.dispose();
      }
    });

    test("logitStats", async () => {
      const E = uploadWeight(backend(), random(300, 36, 2)).weight;
      const [a, b] = [random(4, 36, 1), random(4, 36, 3)];
      const targets = Uint32Array.of(1, 2, 3, 4);
      await expectSpoilt(backend().logitStats(up(spoil(a, value)), E, targets));
      const stats = backend().logitStats(up(a), E, targets, up(spoil(b, value)));
      const found = await backend().read(stats);
      const column = (name: keyof typeof LOGIT_STATS): number[] =>
        [...targets.keys()].filter(
          (t) => !Number.isFinite(found[t * LOGIT_STATS_COLUMNS + LOGIT_STATS[name]]),
        );
      for (const name of ["lseB", "targetB", "meanDifference"] as const)
        expect(column(name), name).toEqual([SPOILT]);
      for (const name of ["lseA", "targetA", "meanA"] as const)
        expect(column(name), name).toEqual([]);
    });
  });

  test("NaN in queries and keys of attention", async () => {
    const spec = { heads: 2, kvHeads: 1, headDim: 8, theta: 10000 };
    for (const T of [4, 20]) {
      const [q, k, v] = [random(T, 16, 1), random(T, 8, 2), random(T, 8, 3)];
      for (const [queries, keys, expectRows] of [
        [spoil(q, NaN), k, expectSpoilt],
        [q, spoil(k, NaN), expectSpoiltFromThere],
      ] as const) {
        const whole = { ...spec, contexts: [T] };
        await expectRows(backend().attention(up(queries), up(keys), up(v), whole));
        const cache = backend().kvCache(T, spec);
        const contexts = [{ shared: 0, first: 0, past: 0, rows: T }];
        const part = { ...spec, contexts };
        const cached = backend().cachedAttention(up(queries), up(keys), up(v), cache, part);
        await expectRows(cached);
        cache.dispose();
      }
    }
  });

  test("a sum that overflows in encode and in decode", async () => {
    // 3e38 + 3e38, of an input and weights that are all finite.
    const huge: Matrix = { rows: 2, cols: 4, data: Float64Array.of(1, 0, 0, 0, 1, 1, 1, 1) };
    const W = (rows: number, cols: number): Matrix => ({
      rows,
      cols,
      data: new Float64Array(rows * cols).fill(Math.fround(3e38)),
    });
    const W_enc = uploadWeight(backend(), W(4, 132)).weight;
    const ones = affine(132, () => [0, 0, 1, 0]);
    const features = await backend().encode(up(huge), { W_enc, affine: up(ones), k: null });
    const { rowStart, value } = await backend().readFeatures(features);
    expect(value.subarray(0, rowStart[1]).every(Number.isFinite)).toBe(true);
    expect(value.subarray(rowStart[1]).every(Number.isFinite)).toBe(false);
    const W_dec = uploadWeight(backend(), W(132, 4)).weight;
    const b_dec = up({ rows: 1, cols: 4, data: new Float64Array(4) });
    const rows = {
      rowStart: Uint32Array.of(0, 1, 3),
      index: Uint32Array.of(0, 0, 1),
      value: Float32Array.of(1, 1, 1),
    };
    const undo = backend().normalizeRows(up(huge), { kind: "none" }, null).undo;
    await expectSpoilt(
      backend().decode(backend().features(rows), { W_dec, b_dec, featureScale: null }, undo),
    );
  });
}
