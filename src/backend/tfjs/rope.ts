// Rotary position embedding, half-split: component i turns with component i + headDim/2.

import { type Tensor3D, add, concat, mul, slice, sub, tensor3d } from "@tensorflow/tfjs-core";
import type { AttentionHeads } from "../backend.ts";

/** cos and sin of each position's angles: [T, 1, headDim / 2] each, alike for all heads. */
export interface RopeTables {
  readonly cos: Tensor3D;
  readonly sin: Tensor3D;
}

/** Positions from `start` to `end`, exclusive. */
export type Run = readonly [start: number, end: number];

/** The same for every layer of a forward pass: what tables depend on, as a key. */
export function ropeKey({ headDim, theta }: AttentionHeads, runs: readonly Run[]): string {
  return `${headDim}/${theta}/${runs.join(";")}`;
}

/** Of the runs laid end to end. Angles rounded to f32 at every step, as Hugging Face's GemmaRotaryEmbedding makes them. */
export function ropeTables({ headDim, theta }: AttentionHeads, runs: readonly Run[]): RopeTables {
  const half = headDim / 2;
  const inverse = Array.from({ length: half }, (_, i) =>
    Math.fround(1 / Math.fround(theta ** Math.fround((2 * i) / headDim))),
  );
  const T = runs.reduce((sum, [start, end]) => sum + end - start, 0);
  const cos = new Float32Array(T * half);
  const sin = new Float32Array(T * half);
  let at = 0;
  for (const [start, end] of runs) {
    for (let position = start; position < end; position++) {
      for (const frequency of inverse) {
        const angle = Math.fround(position * frequency);
        cos[at] = Math.cos(angle);
        sin[at] = Math.sin(angle);
        at++;
      }
    }
  }
  return { cos: tensor3d(cos, [T, 1, half]), sin: tensor3d(sin, [T, 1, half]) };
}

/** x [T, heads, headDim], turned. */
export function rotate(x: Tensor3D, { cos, sin }: RopeTables): Tensor3D {
  const half = x.shape[2] / 2;
  const a = slice(x, [0, 0, 0], [-1, -1, half]);
  const b = slice(x, [0, 0, half], [-1, -1, half]);
  return concat(
    [sub<Tensor3D>(mul(a, cos), mul(b, sin)), add<Tensor3D>(mul(b, cos), mul(a, sin))],
    2,
  );
}
