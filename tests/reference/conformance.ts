// What every backend must do: each operation of the interface against its float64 reference, at odd sizes and on both
// sides of each boundary. A suite to call with a backend's maker; it knows no backend and imports no WebGPU.
//
// Tolerances: |found − expected| ≤ tolerance · max(1, largest |expected| of the row). Inputs are f32 and weights are
// taken as their format rounds them, so what is left is the rounding of f32 sums.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type AttentionSpec,
  type Backend,
  LOGIT_STATS_COLUMNS,
  ROW_STATS_COLUMNS,
  type RowNormalization,
  type SparseRows,
  type Tensor,
  type Weight,
  type WeightSpec,
} from "../../src/backend/backend.ts";
import { store } from "./dtypes.ts";
import * as reference from "./ops.ts";
import { type Active, type Matrix, build } from "./ops.ts";

const FORMATS = ["f32", "bf16", "f16"] as const;

/** mulberry32: the same numbers in every run. */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Uniform in ±√3·scale (deviation `scale`), rounded to f32. */
export function random(rows: number, cols: number, seed: number, scale = 1): Matrix {
  const next = randomSource(seed);
  return build(rows, cols, () => Math.fround((2 * next() - 1) * Math.sqrt(3) * scale));
}

/** Whole numbers from -most to most: sums of their products are exact in f32, in any order. */
function randomIntegers(rows: number, cols: number, seed: number, most: number): Matrix {
  const next = randomSource(seed);
  return build(rows, cols, () => Math.floor(next() * (2 * most + 1)) - most);
}

export function upload(backend: Backend, m: Matrix): Tensor {
  return backend.tensor(Float32Array.from(m.data), m.rows, m.cols);
}

/** Writes the matrix in pieces of the given lengths in bytes, over and over; then in one. */
export function uploadWeight(
  backend: Backend,
  m: Matrix,
  format: WeightSpec["format"] = "f32",
  pieces: readonly number[] = [],
): { weight: Weight; values: Matrix } {
  const { bytes, values } = store(m, format);
  const writer = backend.weight({ label: `test ${format}`, rows: m.rows, cols: m.cols, format });
  let start = 0;
  for (let i = 0; start < bytes.length; i++) {
    const end = start + (pieces.length === 0 ? bytes.length : (pieces[i % pieces.length] ?? 1));
    writer.write(bytes.subarray(start, Math.min(end, bytes.length)));
    start = end;
  }
  return { weight: writer.finish(), values };
}

/** Fails with the worst entry where the values are further apart than the tolerance (see above). */
export function expectNear(found: Float32Array, expected: Matrix, tolerance: number): void {
  expect(found.length).toBe(expected.data.length);
  let worst = { ratio: 0, row: 0, col: 0, found: 0, expected: 0 };
  for (let r = 0; r < expected.rows; r++) {
    let size = 1;
    for (let c = 0; c < expected.cols; c++)
      size = Math.max(size, Math.abs(reference.at(expected, r, c)));
    for (let c = 0; c < expected.cols; c++) {
      const f = found[r * expected.cols + c] ?? NaN;
      const e = reference.at(expected, r, c);
      const ratio = Math.abs(f - e) / size;
      if (!(ratio <= worst.ratio)) worst = { ratio, row: r, col: c, found: f, expected: e };
      if (Number.isNaN(ratio)) break;
    }
  }
  expect(
    worst.ratio <= tolerance,
    `worst entry ${JSON.stringify(worst)}, tolerance ${tolerance}`,
  ).toBe(true);
}

function activeRows(rows: SparseRows): Active[] {
  return Array.from({ length: rows.rowStart.length - 1 }, (_, t) =>
    Array.from(rows.index.subarray(rows.rowStart[t], rows.rowStart[t + 1]), (index, i) => ({
      index,
      value: rows.value[(rows.rowStart[t] ?? NaN) + i] ?? NaN,
    })),
  );
}

/** Same features in the same order, values within 1e-5 relative or absolute. */
function expectSameFeatures(found: SparseRows, expected: readonly Active[]): void {
  const rows = activeRows(found);
  expect(found.value.length).toBe(found.index.length);
  expect(found.rowStart[expected.length]).toBe(found.index.length);
  expect(rows.map((row) => row.map((f) => f.index))).toEqual(
    expected.map((row) => row.map((f) => f.index)),
  );
  rows.forEach((row, t) =>
    row.forEach((f, i) => {
      const e = expected[t]?.[i]?.value ?? NaN;
      expect(Math.abs(f.value - e)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(e)));
    }),
  );
}

/** [4, d_sae]: gateBias, threshold, scale, bias. */
function affine(dSae: number, rows: (feature: number) => [number, number, number, number]): Matrix {
  return build(4, dSae, (r, i) => rows(i)[r] ?? NaN);
}

export function describeBackend(name: string, makeBackend: () => Promise<Backend>): void {
  describe(`${name} does every operation`, () => {
    let backend: Backend;
    beforeAll(async () => {
      backend = await makeBackend();
    });
    afterAll(() => backend.dispose());

    const up = (m: Matrix): Tensor => upload(backend, m);

    describe("tensors", () => {
      test("come back as they went", async () => {
        const m = random(5, 7, 1);
        const x = up(m);
        expect([x.rows, x.cols]).toEqual([5, 7]);
        expect(await backend.read(x)).toEqual(Float32Array.from(m.data));
        // Reading takes nothing away.
        expect(await backend.read(x)).toEqual(Float32Array.from(m.data));
      });

      test("of a wrong length are refused", () => {
        expect(() => backend.tensor(new Float32Array(5), 2, 3)).toThrow();
      });

      test("can be read at the same time", async () => {
        const [m1, m2] = [random(3, 5, 2), random(4, 9, 3)];
        const [x1, x2] = [up(m1), up(m2)];
        const [v1, v2] = await Promise.all([backend.read(x1), backend.read(x2)]);
        expect(v1).toEqual(Float32Array.from(m1.data));
        expect(v2).toEqual(Float32Array.from(m2.data));
      });

      test("may be disposed as soon as the operation on them was recorded", async () => {
        const [x, y] = [random(6, 36, 4), random(6, 36, 5)];
        const { weight, values } = uploadWeight(backend, random(20, 36, 6, 0.2));
        const [tx, ty] = [up(x), up(y)];
        const product = backend.linear(tx, weight);
        tx.dispose();
        const other = backend.linear(ty, weight);
        ty.dispose();
        up(random(6, 36, 7));
        weight.dispose();
        expectNear(await backend.read(product), reference.linear(x, values), 1e-5);
        expectNear(await backend.read(other), reference.linear(y, values), 1e-5);
      });

      test("memory counts weights and tensors", () => {
        const before = backend.memory();
        const { weight } = uploadWeight(backend, random(64, 64, 8));
        expect(weight.bytes).toBeGreaterThanOrEqual(64 * 64 * 4);
        expect(backend.memory()).toBeGreaterThanOrEqual(before + 64 * 64 * 4);
        weight.dispose();
        expect(backend.memory()).toBe(before);
      });
    });

    describe("weights", () => {
      for (const format of FORMATS) {
        for (const pieces of [[], [1], [3, 7, 2], [1021]]) {
          test(`${format} written in pieces of ${pieces.join(", ") || "all"} bytes`, async () => {
            const { weight, values } = uploadWeight(backend, random(37, 36, 10), format, pieces);
            expect([weight.rows, weight.cols]).toEqual([37, 36]);
            const rows = await backend.read(
              backend.gather(weight, Uint32Array.from(Array(37).keys()), 1),
            );
            expect(rows).toEqual(Float32Array.from(values.data));
            weight.dispose();
          });
        }

        test(`${format} with too few or too many bytes is a Format error`, () => {
          const spec = { label: "short.weight", rows: 3, cols: 4, format };
          const bytes = store(random(3, 4, 11), format).bytes;
          const short = backend.weight(spec);
          short.write(bytes.subarray(1));
          expect(() => short.finish()).toThrow(expect.objectContaining({ code: "Format" }));
          const long = backend.weight(spec);
          expect(() => {
            long.write(bytes);
            long.write(bytes.subarray(0, 1));
            long.finish();
          }).toThrow(expect.objectContaining({ code: "Format" }));
        });
      }

      test("aborted or failed half-way, hold no memory", () => {
        const before = backend.memory();
        const writer = backend.weight({ label: "w", rows: 50, cols: 40, format: "f32" });
        writer.write(new Uint8Array(1001));
        writer.abort();
        expect(backend.memory()).toBe(before);
        const failing = backend.weight({ label: "w", rows: 50, cols: 40, format: "bf16" });
        expect(() => failing.finish()).toThrow();
        expect(backend.memory()).toBe(before);
      });
    });

    describe("gather", () => {
      for (const format of FORMATS) {
        test(`${format} rows in any order, repeated, scaled`, async () => {
          const { weight, values } = uploadWeight(backend, random(257, 36, 20), format, [4099]);
          const ids = Uint32Array.of(256, 0, 3, 3, 255, 131, 0);
          const scale = Math.sqrt(36);
          const found = await backend.read(backend.gather(weight, ids, scale));
          expectNear(found, reference.gather(values, ids, scale), 1e-6);
          weight.dispose();
        });
      }
    });

    describe("rmsNorm", () => {
      for (const d of [4, 36, 128, 260, 1028]) {
        for (const rows of [1, 5]) {
          test(`[${rows}, ${d}]`, async () => {
            const [x, gain] = [random(rows, d, 30, 3), random(1, d, 31)];
            const found = await backend.read(backend.rmsNorm(up(x), up(gain), 1e-6));
            expectNear(found, reference.rmsNorm(x, gain, 1e-6), 1e-5);
          });
        }
      }

      test("a row of zeros stays zero, a large one stays finite", async () => {
        const x = build(2, 36, (t, c) => (t === 0 ? 0 : Math.fround((c - 17) * 1e8)));
        const gain = build(1, 36, () => 1);
        const found = await backend.read(backend.rmsNorm(up(x), up(gain), 1e-6));
        expectNear(found, reference.rmsNorm(x, gain, 1e-6), 1e-5);
      });
    });

    describe("linear", () => {
      const check = async (
        [T, K, N]: readonly [number, number, number],
        format: WeightSpec["format"],
        withAdd: boolean,
      ): Promise<void> => {
        const x = random(T, K, T);
        const { weight, values } = uploadWeight(
          backend,
          random(N, K, N + K, 1 / Math.sqrt(K)),
          format,
        );
        const add = withAdd ? random(T, N, T + 1) : undefined;
        const y = add ? backend.linear(up(x), weight, up(add)) : backend.linear(up(x), weight);
        expect([y.rows, y.cols]).toEqual([T, N]);
        expectNear(await backend.read(y), reference.linear(x, values, add), 1e-5);
        weight.dispose();
      };
      for (const format of FORMATS) {
        for (const K of [4, 36, 128]) {
          for (const N of [1, 131, 257]) {
            test(`${format} K ${K}, N ${N}`, async () => {
              for (const T of [1, 2, 9]) await check([T, K, N], format, T === 2);
            });
          }
        }
      }
      test("on both sides of every tile of rows", async () => {
        for (const T of [3, 4, 5, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 129]) {
          await check([T, 36, 20], "f32", T % 2 === 0);
        }
      });
      test("on both sides of every tile of outputs", async () => {
        for (const N of [2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129]) {
          await check([6, 20, N], "bf16", N % 2 === 0);
        }
      });
      test("with long sums", async () => {
        await check([3, 2052, 5], "f32", true);
        await check([1, 2052, 5], "bf16", false);
      });
    });

    describe("attention", () => {
      const check = async (
        spec: AttentionSpec,
        scale: number,
        tolerance: number,
      ): Promise<void> => {
        const T = spec.contexts.reduce((total, n) => total + n, 0);
        const q = random(T, spec.heads * spec.headDim, 40, scale);
        const k = random(T, spec.kvHeads * spec.headDim, 41, scale);
        const v = random(T, spec.kvHeads * spec.headDim, 42);
        const found = await backend.read(backend.attention(up(q), up(k), up(v), spec));
        expectNear(found, reference.attention(q, k, v, spec), tolerance);
      };
      const spec = (
        heads: number,
        kvHeads: number,
        headDim: number,
        contexts: readonly number[],
        theta = 10000,
      ): AttentionSpec => ({ heads, kvHeads, headDim, theta, contexts });

      for (const [heads, kvHeads, headDim, theta] of [
        [6, 2, 6, 500],
        [2, 2, 16, 300],
        [4, 1, 20, 10000],
        [4, 1, 32, 10000],
        [2, 1, 256, 10000],
        [1, 1, 4, 10000],
      ] as const) {
        test(`${heads} heads on ${kvHeads}, head_dim ${headDim}`, async () => {
          for (const contexts of [[1], [2], [7], [3, 1, 5], [33]]) {
            await check(spec(heads, kvHeads, headDim, contexts, theta), 1, 2e-5);
          }
        });
      }
      test("on both sides of every tile of positions", async () => {
        for (const T of [15, 16, 17, 31, 32, 63, 64, 65, 127, 128, 129]) {
          await check(spec(2, 1, 8, [T]), 1, 2e-5);
        }
      });
      test("many contexts in a batch, each as if alone", async () => {
        await check(spec(2, 1, 8, [16, 1, 17, 64, 3, 1, 1, 30]), 1, 2e-5);
      });
      test("scores of some hundreds do not overflow", async () => {
        await check(spec(2, 1, 32, [20]), 10, 2e-4);
      });
      // Angles are f32, as Hugging Face makes them: 1e-4 rad at position 1030.
      test("over a thousand positions", async () => {
        await check(spec(1, 1, 16, [1030]), 1, 2e-4);
        await check(spec(1, 1, 16, [700, 400]), 1, 2e-4);
      });
    });

    describe("gatedMlp", () => {
      for (const act of ["tanh", "erf"] as const) {
        for (const format of FORMATS) {
          test(`${act}, ${format}`, async () => {
            for (const [T, K, N] of [
              [1, 36, 52],
              [5, 4, 131],
              [17, 128, 257],
              [33, 36, 1],
              [64, 20, 64],
            ] as const) {
              const x = random(T, K, 50);
              const gate = uploadWeight(backend, random(N, K, 51, 1 / Math.sqrt(K)), format);
              const upW = uploadWeight(backend, random(N, K, 52, 1 / Math.sqrt(K)), format);
              const y = backend.gatedMlp(up(x), gate.weight, upW.weight, act);
              expect([y.rows, y.cols]).toEqual([T, N]);
              expectNear(
                await backend.read(y),
                reference.gatedMlp(x, gate.values, upW.values, act),
                1e-5,
              );
              gate.weight.dispose();
              upW.weight.dispose();
            }
          });
        }

        test(`${act} over the whole range of its argument, to 1e-6 of it`, async () => {
          // gate picks x0, up picks 1: the output is act(x0) itself.
          const args = [-1000, -100, -20, -9, -5, -4.2, -3, -2.5, -1.7, -1, -0.5, -1e-3, 0];
          args.push(...args.map((x) => -x), 6, 12, 3.3, 0.1, 0.25, 0.9, 1.3, 2.1);
          const x = build(args.length, 4, (t, c) =>
            Math.fround([args[t] ?? NaN, 1, 0, 0][c] ?? NaN),
          );
          const gate = uploadWeight(
            backend,
            build(1, 4, (_, c) => (c === 0 ? 1 : 0)),
          );
          const one = uploadWeight(
            backend,
            build(1, 4, (_, c) => (c === 1 ? 1 : 0)),
          );
          const found = await backend.read(backend.gatedMlp(up(x), gate.weight, one.weight, act));
          expectNear(found, reference.gatedMlp(x, gate.values, one.values, act), 1e-6);
        });
      }
    });

    describe("normalizeRows", () => {
      const kinds: RowNormalization[] = [
        { kind: "none" },
        { kind: "scale", factor: 0.21381938399317255 },
        { kind: "constant_norm_rescale" },
        { kind: "layer_norm" },
      ];
      for (const how of kinds) {
        for (const d of [4, 48, 128, 260]) {
          test(`${how.kind}, d ${d}`, async () => {
            const noise = random(7, d, 60, 4);
            const x = build(7, d, (t, c) => Math.fround(reference.at(noise, t, c) + t));
            for (const subtract of [null, random(1, d, 61)]) {
              const expected = reference.normalizeRows(x, how, subtract);
              const found = backend.normalizeRows(up(x), how, subtract ? up(subtract) : null);
              expectNear(await backend.read(found.rows), expected.rows, 1e-5);
              expectNear(await backend.read(found.undo), expected.undo, 1e-5);
            }
          });
        }
        test(`${how.kind}, a row of zeros stays finite`, async () => {
          const x = build(3, 48, (t) => (t === 1 ? 0 : t + 1));
          const expected = reference.normalizeRows(x, how, null);
          const found = backend.normalizeRows(up(x), how, null);
          // A constant row has no deviation but its rounding: what is left is divided by 1e-5.
          if (how.kind !== "layer_norm")
            expectNear(await backend.read(found.rows), expected.rows, 1e-5);
          expect((await backend.read(found.rows)).every((v) => Number.isFinite(v))).toBe(true);
          expectNear(await backend.read(found.undo), expected.undo, 1e-5);
        });
      }
    });

    describe("encode", () => {
      /** Whole numbers, so that on, off and ties are exact whatever the order of sums. */
      const exact = async (
        [T, dIn, dSae]: readonly [number, number, number],
        k: number | null,
        epilogue: Matrix,
        format: WeightSpec["format"] = "f32",
      ): Promise<Active[]> => {
        const x = randomIntegers(T, dIn, T + dSae, 3);
        const { weight, values } = uploadWeight(backend, randomIntegers(dIn, dSae, dIn, 2), format);
        const expected = reference.encode(x, values, epilogue, k);
        const features = await backend.encode(up(x), { W_enc: weight, affine: up(epilogue), k });
        expect(features.rows).toBe(T);
        expect(features.count).toBe(expected.reduce((n, row) => n + row.length, 0));
        expectSameFeatures(await backend.readFeatures(features), expected);
        features.dispose();
        weight.dispose();
        return expected;
      };
      const standard = (dSae: number): Matrix => affine(dSae, (i) => [i % 3, 0, 1, i % 3]);
      const jumprelu = (dSae: number): Matrix =>
        affine(dSae, (i) => [i % 3, (i % 5) + 0.5, 1, i % 3]);
      const gated = (dSae: number): Matrix =>
        affine(dSae, (i) => [(i % 3) - 1, 0, 0.5, (i % 4) - 2]);
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
        const { weight, values } = uploadWeight(backend, random(48, 200, 71, 1 / 7));
        const epilogue = affine(
          200,
          (i) => [0.1, 0.2, 1, 0.1 + i / 1000].map(Math.fround) as [number, number, number, number],
        );
        const features = await backend.encode(up(x), {
          W_enc: weight,
          affine: up(epilogue),
          k: null,
        });
        expectSameFeatures(
          await backend.readFeatures(features),
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
          backend,
          build(4, 8, (r, i) => (r === 0 ? i : 0)),
        );
        const epilogue = affine(8, () => [0, 3, 1, 0]);
        const features = await backend.encode(up(x), {
          W_enc: weight,
          affine: up(epilogue),
          k: null,
        });
        const rows = await backend.readFeatures(features);
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
          backend,
          build(4, 300, () => 1),
        );
        const epilogue = affine(300, () => [0, -Infinity, 1, 0]);
        const features = await backend.encode(up(x), { W_enc: weight, affine: up(epilogue), k: 7 });
        const rows = await backend.readFeatures(features);
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
          const { weight, values } = uploadWeight(backend, W);
          const epilogue = k ? topK(132) : standard(132);
          const features = await backend.encode(up(x), { W_enc: weight, affine: up(epilogue), k });
          const rows = await backend.readFeatures(features);
          expect(rows.value.every((v) => v > 0)).toBe(true);
          const found = activeRows(rows);
          const expected = reference.encode(x, values, epilogue, k);
          expect(found[0]).toEqual(expected[0]);
          expect(found[3]).toEqual(expected[3]);
        });
      }
    });

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
        const features = backend.features(rows);
        expect([features.rows, features.count]).toEqual([9, rows.index.length]);
        expect(await backend.readFeatures(features)).toEqual(rows);
      });

      for (const format of FORMATS) {
        for (const dIn of [4, 48, 128, 260]) {
          test(`decode ${format}, d_in ${dIn}`, async () => {
            const active = someActive(17, 257, 5, 60);
            const W = uploadWeight(backend, random(257, dIn, 81, 0.2), format);
            const [b_dec, undo] = [random(1, dIn, 82), random(17, 2, 83)];
            for (const featureScale of [null, random(1, 257, 84)]) {
              const found = backend.decode(
                backend.features(sparse(active)),
                {
                  W_dec: W.weight,
                  b_dec: up(b_dec),
                  featureScale: featureScale ? up(featureScale) : null,
                },
                up(undo),
              );
              const expected = reference.decode(active, W.values, b_dec, featureScale, undo);
              expectNear(await backend.read(found), expected, 1e-5);
            }
            W.weight.dispose();
          });
        }
      }
      test("decode of no active feature is the bias, in the model's space", async () => {
        const W = uploadWeight(backend, random(132, 36, 85));
        const [b_dec, undo] = [random(1, 36, 86), random(4, 2, 87)];
        const none: Active[] = [[], [], [], []];
        const found = backend.decode(
          backend.features(sparse(none)),
          { W_dec: W.weight, b_dec: up(b_dec), featureScale: null },
          up(undo),
        );
        expectNear(
          await backend.read(found),
          reference.decode(none, W.values, b_dec, null, undo),
          1e-6,
        );
      });
      test("what encode made goes through decode", async () => {
        const x = randomIntegers(6, 12, 90, 3);
        const enc = uploadWeight(backend, randomIntegers(12, 132, 91, 2));
        const dec = uploadWeight(backend, random(132, 12, 92, 0.1));
        const epilogue = affine(132, (i) => [i % 3, 0, 1, i % 3]);
        const [b_dec, undo] = [random(1, 12, 93), build(6, 2, (_, c) => 1 - c)];
        const features = await backend.encode(up(x), {
          W_enc: enc.weight,
          affine: up(epilogue),
          k: null,
        });
        const found = backend.decode(
          features,
          { W_dec: dec.weight, b_dec: up(b_dec), featureScale: null },
          up(undo),
        );
        features.dispose();
        const active = reference.encode(x, enc.values, epilogue, null);
        expectNear(
          await backend.read(found),
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
          expect(await backend.read(backend.select(mask, ta, tb))).toEqual(
            Float32Array.from(selected.data),
          );
          const stacked = backend.concatRows([ta, tb, ta]);
          expect([stacked.rows, stacked.cols]).toEqual([15, cols]);
          expect(await backend.read(stacked)).toEqual(
            Float32Array.from([...a.data, ...b.data, ...a.data]),
          );
          const slice = backend.sliceRows(stacked, 4, 7);
          expect([slice.rows, slice.cols]).toEqual([3, cols]);
          expect(await backend.read(slice)).toEqual(
            Float32Array.from([...a.data.subarray(4 * cols), ...b.data.subarray(0, 2 * cols)]),
          );
        });

        test(`rowStats at ${cols} columns`, async () => {
          const [x, y] = [random(6, cols, 102, 2), random(6, cols, 103)];
          const found = backend.rowStats(up(x), up(y));
          expect([found.rows, found.cols]).toEqual([6, ROW_STATS_COLUMNS]);
          expectNear(await backend.read(found), reference.rowStats(x, y), 1e-5);
        });
      }
    });

    describe("logitStats", () => {
      const check = async (
        [T, d, V]: readonly [number, number, number],
        format: WeightSpec["format"],
        scale: number,
        tolerance: number,
      ): Promise<void> => {
        const [a, b] = [random(T, d, 110, scale), random(T, d, 111, scale)];
        const E = uploadWeight(backend, random(V, d, 112, 1 / Math.sqrt(d)), format);
        const targets = Uint32Array.from({ length: T }, (_, t) =>
          t === 0 ? V - 1 : (t * 7919) % V,
        );
        const alone = backend.logitStats(up(a), E.weight, targets);
        expect([alone.rows, alone.cols]).toEqual([T, LOGIT_STATS_COLUMNS]);
        expectNear(
          await backend.read(alone),
          reference.logitStats(a, E.values, targets),
          tolerance,
        );
        const both = await backend.read(backend.logitStats(up(a), E.weight, targets, up(b)));
        expectNear(both, reference.logitStats(a, E.values, targets, b), tolerance);
        E.weight.dispose();
      };
      for (const format of FORMATS) {
        test(`${format}, odd sizes`, async () => {
          await check([1, 4, 131], format, 1, 1e-5);
          await check([5, 36, 257], format, 1, 1e-5);
          await check([17, 128, 300], format, 1, 1e-5);
        });
      }
      test("on both sides of every tile of the vocabulary", async () => {
        for (const V of [1, 2, 255, 256, 511, 512, 513, 1023, 1024, 1025, 2048, 2049, 4097]) {
          await check([3, 4, V], "bf16", 1, 1e-5);
        }
      });
      test("a large vocabulary", async () => {
        await check([2, 4, 33_000], "bf16", 1, 2e-5);
      });
      test("logits of some hundreds do not overflow", async () => {
        await check([4, 36, 1100], "f32", 100, 1e-5);
      });
      test("a stream against itself has the same sums and no difference", async () => {
        const a = up(random(3, 36, 113));
        const E = uploadWeight(backend, random(257, 36, 114));
        const found = await backend.read(
          backend.logitStats(a, E.weight, Uint32Array.of(1, 2, 3), a),
        );
        for (let t = 0; t < 3; t++) {
          const [lseA, targetA, , lseB, targetB, difference] = found.subarray(6 * t, 6 * t + 6);
          expect([lseB, targetB, difference]).toEqual([lseA, targetA, 0]);
        }
      });
    });

    describe("checkpoint", () => {
      test("sends what was recorded and goes on", async () => {
        const m = random(4, 36, 120);
        const { weight, values } = uploadWeight(backend, random(36, 36, 121, 0.2));
        const once = backend.linear(up(m), weight);
        await backend.checkpoint();
        const twice = backend.linear(once, weight);
        await backend.checkpoint(new AbortController().signal);
        expectNear(
          await backend.read(twice),
          reference.linear(reference.linear(m, values), values),
          1e-5,
        );
      });
      test("throws Cancelled once the signal is aborted, and the backend works on", async () => {
        const controller = new AbortController();
        const x = up(random(3, 4, 122));
        controller.abort();
        await expect(backend.checkpoint(controller.signal)).rejects.toMatchObject({
          code: "Cancelled",
        });
        expect((await backend.read(x)).length).toBe(12);
      });
    });
  });
}
