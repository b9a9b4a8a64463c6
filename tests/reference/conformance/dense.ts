// Norms, products and the gated MLP.

import { describe, expect, test } from "vitest";
import type { Backend, RowNormalization, Tensor } from "../../../src/backend/backend.ts";
import type { Precision } from "../../../src/lib/report.ts";
import * as reference from "../ops.ts";
import { type Matrix, build } from "../ops.ts";
import { FORMATS, expectNear, random, uploadWeight, upload } from "../support.ts";

export function denseSuite(backend: () => Backend): void {
  const up = (m: Matrix): Tensor => upload(backend(), m);

  describe("rmsNorm", () => {
    for (const d of [4, 36, 128, 260, 1028]) {
      for (const rows of [1, 5]) {
        test(`[${rows}, ${d}]`, async () => {
          const [x, gain] = [random(rows, d, 30, 3), random(1, d, 31)];
          const found = await backend().read(backend().rmsNorm(up(x), up(gain), 1e-6));
          expectNear(found, reference.rmsNorm(x, gain, 1e-6), 1e-5);
        });
      }
    }

    test("a row of zeros stays zero, a large one stays finite", async () => {
      const x = build(2, 36, (t, c) => (t === 0 ? 0 : Math.fround((c - 17) * 1e8)));
      const gain = build(1, 36, () => 1);
      const found = await backend().read(backend().rmsNorm(up(x), up(gain), 1e-6));
      expectNear(found, reference.rmsNorm(x, gain, 1e-6), 1e-5);
    });
  });

  describe("linear", () => {
    const check = async (
      [T, K, N]: readonly [number, number, number],
      format: Precision,
      withAdd: boolean,
    ): Promise<void> => {
      const x = random(T, K, T);
      const { weight, values } = uploadWeight(
        backend(),
        random(N, K, N + K, 1 / Math.sqrt(K)),
        format,
      );
      const add = withAdd ? random(T, N, T + 1) : undefined;
      const y = add ? backend().linear(up(x), weight, up(add)) : backend().linear(up(x), weight);
      expect([y.rows, y.cols]).toEqual([T, N]);
      expectNear(await backend().read(y), reference.linear(x, values, add), 1e-5);
      weight.dispose();
    };
    for (const format of FORMATS) {
      for (const K of format.startsWith("int") ? [4, 36, 48, 52, 68, 132] : [4, 36, 128]) {
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
    test("of so many columns that they are made in strips", async () => {
      // 69 workgroups of 64 columns are four strips of 16 and five more.
      for (const T of [1, 3, 70]) await check([T, 8, 4370], "bf16", T === 3);
    });
    test("with long sums", async () => {
      await check([3, 2052, 5], "f32", true);
      await check([1, 2052, 5], "bf16", false);
    });
  });

  describe("linears", () => {
    for (const format of FORMATS) {
      test(`${format}, of matrices of unlike widths`, async () => {
        for (const [T, K, ...N] of [
          [1, 36, 20, 4, 8],
          [3, 128, 66, 1, 131],
          [17, 68, 257, 32, 6],
          [65, 20, 3, 64, 65],
        ] as const) {
          const x = random(T, K, 45);
          const make = (n: number) =>
            uploadWeight(backend(), random(n, K, 46 + n, 1 / Math.sqrt(K)), format);
          const W = [make(N[0]), make(N[1]), make(N[2])] as const;
          const found = backend().linears(up(x), [W[0].weight, W[1].weight, W[2].weight]);
          for (const [i, { weight, values }] of W.entries()) {
            const y = found[i];
            if (!y) throw new Error("unreachable");
            expect([y.rows, y.cols]).toEqual([T, weight.rows]);
            expectNear(await backend().read(y), reference.linear(x, values), 1e-5);
            weight.dispose();
          }
        }
      });
    }
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
            const gate = uploadWeight(backend(), random(N, K, 51, 1 / Math.sqrt(K)), format);
            const upW = uploadWeight(backend(), random(N, K, 52, 1 / Math.sqrt(K)), format);
            const y = backend().gatedMlp(up(x), gate.weight, upW.weight, act);
            expect([y.rows, y.cols]).toEqual([T, N]);
            expectNear(
              await backend().read(y),
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
        const x = build(args.length, 4, (t, c) => Math.fround([args[t] ?? NaN, 1, 0, 0][c] ?? NaN));
        const gate = uploadWeight(
          backend(),
          build(1, 4, (_, c) => (c === 0 ? 1 : 0)),
        );
        const one = uploadWeight(
          backend(),
          build(1, 4, (_, c) => (c === 1 ? 1 : 0)),
        );
        const found = await backend().read(backend().gatedMlp(up(x), gate.weight, one.weight, act));
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
            const found = backend().normalizeRows(up(x), how, subtract ? up(subtract) : null);
            expectNear(await backend().read(found.rows), expected.rows, 1e-5);
            expectNear(await backend().read(found.undo), expected.undo, 1e-5);
          }
        });
      }
      test(`${how.kind}, a row of zeros stays finite`, async () => {
        const x = build(3, 48, (t) => (t === 1 ? 0 : t + 1));
        const expected = reference.normalizeRows(x, how, null);
        const found = backend().normalizeRows(up(x), how, null);
        // A constant row has no deviation but its rounding: what is left is divided by 1e-5.
        if (how.kind !== "layer_norm")
          expectNear(await backend().read(found.rows), expected.rows, 1e-5);
        expect((await backend().read(found.rows)).every((v) => Number.isFinite(v))).toBe(true);
        expectNear(await backend().read(found.undo), expected.undo, 1e-5);
      });
    }
  });
}
