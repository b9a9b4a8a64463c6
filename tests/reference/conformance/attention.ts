// Rotary causal attention.

import { describe, test } from "vitest";
import type { AttentionSpec, Backend, Tensor } from "../../../src/backend/backend.ts";
import * as reference from "../ops.ts";
import type { Matrix } from "../ops.ts";
import { expectNear, random, upload } from "../support.ts";

export function attentionSuite(backend: () => Backend): void {
  const up = (m: Matrix): Tensor => upload(backend(), m);

  describe("attention", () => {
    const check = async (spec: AttentionSpec, scale: number, tolerance: number): Promise<void> => {
      const T = spec.contexts.reduce((total, n) => total + n, 0);
      const q = random(T, spec.heads * spec.headDim, 40, scale);
      const k = random(T, spec.kvHeads * spec.headDim, 41, scale);
      const v = random(T, spec.kvHeads * spec.headDim, 42);
      const found = await backend().read(backend().attention(up(q), up(k), up(v), spec));
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
}
