// Weights that are kept otherwise than their file has them: quantised or widened while they stream. Each operation
// against what the quantised values give, for what quantising itself changes is no error of a backend.

import { describe, expect, test } from "vitest";
import type { Backend, Tensor, Weight } from "../../../src/backend/backend.ts";
import { store } from "../dtypes.ts";
import * as reference from "../ops.ts";
import { type Matrix, build } from "../ops.ts";
import {
  FILE_FORMATS,
  QUANT_FORMATS,
  affine,
  expectNear,
  expectSameFeatures,
  random,
  uploadWeight,
  upload,
} from "../support.ts";

/** Whole groups of 32 and 64, one value of four over and under them, and half words at the end of a row. */
const WIDTHS = [4, 28, 32, 36, 48, 52, 60, 64, 68, 128, 132];

export function quantizedSuite(backend: () => Backend): void {
  const up = (m: Matrix): Tensor => upload(backend(), m);
  const all = async (W: Weight): Promise<Float32Array> =>
    backend().read(backend().gather(W, Uint32Array.from(Array(W.rows).keys()), 1));

  for (const format of QUANT_FORMATS) {
    describe(`${format} weights`, () => {
      for (const file of FILE_FORMATS) {
        test(`of a file in ${file}, whatever the pieces`, async () => {
          for (const cols of WIDTHS) {
            for (const pieces of [[], [1], [3, 7, 2], [509]]) {
              const m = random(7, cols, cols, 0.05);
              const { weight, values } = uploadWeight(backend(), m, format, pieces, file);
              expect(weight.format).toBe(format);
              expectNear(await all(weight), values, 0);
              weight.dispose();
            }
          }
        });
      }

      test("of more rows than are converted at once", async () => {
        const { weight, values } = uploadWeight(backend(), random(600, 132, 40), format, [70_001]);
        expectNear(await all(weight), values, 0);
        weight.dispose();
      });

      test("keep rows of zeros, and groups of zeros within a row", async () => {
        const m = build(3, 132, (r, c) => (r === 1 || (c >= 64 && c < 128) ? 0 : c - 66));
        const { weight, values } = uploadWeight(backend(), m, format);
        const found = await all(weight);
        expectNear(found, values, 0);
        expect(found.subarray(132, 264).every((value) => value === 0)).toBe(true);
        weight.dispose();
      });

      test("keep the largest and the smallest values of f32", async () => {
        const sizes = [2.9e38, 1e30, 1, 1e-30, 1e-37, 1e-44];
        const m = build(sizes.length, 36, (r, c) =>
          Math.fround((sizes[r] ?? NaN) * Math.cos(c + r)),
        );
        const { weight, values } = uploadWeight(backend(), m, format);
        const found = await all(weight);
        found.forEach((value, i) => {
          const wanted = values.data[i] ?? NaN;
          expect(Math.abs(value - wanted)).toBeLessThanOrEqual(Math.abs(wanted) * 1e-6);
        });
        weight.dispose();
      });

      for (const bad of [NaN, Infinity, -Infinity]) {
        test(`are refused where the file holds ${bad}, and leave nothing behind`, () => {
          const before = backend().memory();
          const { bytes } = store(
            build(4, 68, (r, c) => (r === 2 && c === 67 ? bad : 1)),
            "f32",
          );
          const writer = backend().weight({
            label: "bad.weight",
            rows: 4,
            cols: 68,
            format: "f32",
            keep: format,
          });
          expect(() => {
            writer.write(bytes);
            writer.finish();
          }).toThrow(expect.objectContaining({ code: "Format" }));
          writer.abort();
          expect(backend().memory()).toBe(before);
        });
      }

      test("with too few or too many bytes of the file are a Format error", () => {
        const spec = { label: "short.weight", rows: 3, cols: 36, format: "bf16" } as const;
        const { bytes } = store(random(3, 36, 41), "bf16");
        const short = backend().weight({ ...spec, keep: format });
        short.write(bytes.subarray(0, -1));
        expect(() => short.finish()).toThrow(expect.objectContaining({ code: "Format" }));
        const long = backend().weight({ ...spec, keep: format });
        expect(() => {
          long.write(bytes);
          long.write(bytes.subarray(0, 1));
          long.finish();
        }).toThrow(expect.objectContaining({ code: "Format" }));
      });

      test("multiply, in the gated MLP too", async () => {
        for (const K of WIDTHS) {
          for (const T of [1, 5]) {
            const x = random(T, K, 42);
            const a = uploadWeight(backend(), random(21, K, 43, 1 / Math.sqrt(K)), format);
            const b = uploadWeight(backend(), random(21, K, 44, 1 / Math.sqrt(K)), format);
            expectNear(
              await backend().read(backend().linear(up(x), a.weight)),
              reference.linear(x, a.values),
              1e-5,
            );
            expectNear(
              await backend().read(backend().gatedMlp(up(x), a.weight, b.weight, "tanh")),
              reference.gatedMlp(x, a.values, b.values, "tanh"),
              1e-5,
            );
            a.weight.dispose();
            b.weight.dispose();
          }
        }
      });

      test("encode and decode", async () => {
        for (const width of WIDTHS) {
          const x = random(5, 12, 45);
          const enc = uploadWeight(backend(), random(12, width, 46, 0.3), format);
          const epilogue = affine(width, () => [0.25, 0.5, 1, 0.25]);
          const features = await backend().encode(up(x), {
            W_enc: enc.weight,
            affine: up(epilogue),
            k: null,
          });
          const active = reference.encode(x, enc.values, epilogue, null);
          expectSameFeatures(await backend().readFeatures(features), active);
          const dec = uploadWeight(backend(), random(width, 52, 47, 0.3), format);
          const [b_dec, undo] = [random(1, 52, 48), random(5, 2, 49)];
          const found = backend().decode(
            features,
            { W_dec: dec.weight, b_dec: up(b_dec), featureScale: null },
            up(undo),
          );
          expectNear(
            await backend().read(found),
            reference.decode(active, dec.values, b_dec, null, undo),
            1e-5,
          );
          for (const held of [features, enc.weight, dec.weight]) held.dispose();
        }
      });
    });
  }

  describe("weights kept in another float format", () => {
    for (const file of ["bf16", "f16"] as const) {
      test(`f32 of ${file} is exact`, async () => {
        const { weight, values } = uploadWeight(backend(), random(9, 36, 50), "f32", [35], file);
        expect(weight.format).toBe("f32");
        expect(weight.bytes).toBeGreaterThanOrEqual(9 * 36 * 4);
        expectNear(await all(weight), values, 0);
        weight.dispose();
      });
    }

    for (const [format, keep] of [
      ["f32", "bf16"],
      ["f32", "f16"],
      ["bf16", "f16"],
      ["f16", "bf16"],
    ] as const) {
      test(`${keep} of ${format} would round: Unsupported, with what is possible`, () => {
        const before = backend().memory();
        const spec = { label: "model.norm", rows: 4, cols: 8, format, keep };
        expect(() => backend().weight(spec)).toThrow(
          expect.objectContaining({
            code: "Unsupported",
            message: expect.stringMatching(/int8, int4/) as string,
          }),
        );
        expect(backend().memory()).toBe(before);
      });
    }
  });
}
