// Softmax statistics over the vocabulary.

import { describe, expect, test } from "vitest";
import { LOGIT_STATS_COLUMNS, type Backend, type Tensor } from "../../../src/backend/backend.ts";
import type { Precision } from "../../../src/lib/report.ts";
import * as reference from "../ops.ts";
import type { Matrix } from "../ops.ts";
import { FORMATS, expectNear, random, uploadWeight, upload } from "../support.ts";

export function logitsSuite(backend: () => Backend): void {
  const up = (m: Matrix): Tensor => upload(backend(), m);

  describe("logitStats", () => {
    const check = async (
      [T, d, V]: readonly [number, number, number],
      format: Precision,
      scale: number,
      tolerance: number,
    ): Promise<void> => {
      const [a, b] = [random(T, d, 110, scale), random(T, d, 111, scale)];
      const E = uploadWeight(backend(), random(V, d, 112, 1 / Math.sqrt(d)), format);
      const targets = Uint32Array.from({ length: T }, (_, t) => (t === 0 ? V - 1 : (t * 7919) % V));
      const alone = backend().logitStats(up(a), E.weight, targets);
      expect([alone.rows, alone.cols]).toEqual([T, LOGIT_STATS_COLUMNS]);
      expectNear(
        await backend().read(alone),
        reference.logitStats(a, E.values, targets),
        tolerance,
      );
      const both = await backend().read(backend().logitStats(up(a), E.weight, targets, up(b)));
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
      const E = uploadWeight(backend(), random(257, 36, 114));
      const found = await backend().read(
        backend().logitStats(a, E.weight, Uint32Array.of(1, 2, 3), a),
      );
      for (let t = 0; t < 3; t++) {
        const [lseA, targetA, , lseB, targetB, difference] = found.subarray(6 * t, 6 * t + 6);
        expect([lseB, targetB, difference]).toEqual([lseA, targetA, 0]);
      }
    });
  });
}
