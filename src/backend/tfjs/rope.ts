// Rotary position embedding, half-split: component i rotates with component i + headDim/2.

import {
  type Tensor2D,
  type Tensor3D,
  add,
  concat,
  mul,
  reshape,
  slice,
  sub,
  tensor3d,
} from "@tensorflow/tfjs-core";
import { defined } from "../../lib/defined.ts";
import type { AttentionHeads } from "../backend.ts";
import type { Device } from "./device.ts";

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

/** x [T, heads·headDim] rotated, and times `scale`: [T, heads, headDim]. */
export function rotate(
  device: Device,
  x: Tensor2D,
  heads: number,
  tables: RopeTables,
  scale = 1,
): Tensor3D {
  const [T, cols] = x.shape;
  const shape: [number, number, number] = [T, heads, cols / heads];
  return device.view === null
    ? rotateOnDevice(mul(reshape(x, shape), scale), tables)
    : tensor3d(rotateInPlace(device.view, x, heads, tables, scale), shape);
}

/** One pass over the values where they lie, in place of nine operations. */
function rotateInPlace(
  view: NonNullable<Device["view"]>,
  x: Tensor2D,
  heads: number,
  tables: RopeTables,
  scale: number,
): Float32Array {
  const [T, cols] = x.shape;
  const half = cols / heads / 2;
  const [values, cos, sin] = [view(x), view(tables.cos), view(tables.sin)];
  const out = new Float32Array(T * cols);
  for (let row = 0; row < T * heads; row++) {
    const at = Math.floor(row / heads) * half;
    const first = row * 2 * half;
    for (let i = 0; i < half; i++) {
      const a = defined(values[first + i]) * scale;
      const b = defined(values[first + half + i]) * scale;
      const [c, s] = [defined(cos[at + i]), defined(sin[at + i])];
      out[first + i] = a * c - b * s;
      out[first + half + i] = b * c + a * s;
    }
  }
  return out;
}

function rotateOnDevice(x: Tensor3D, { cos, sin }: RopeTables): Tensor3D {
  const half = x.shape[2] / 2;
  const a = slice(x, [0, 0, 0], [-1, -1, half]);
  const b = slice(x, [0, 0, half], [-1, -1, half]);
  return concat(
    [sub<Tensor3D>(mul(a, cos), mul(b, sin)), add<Tensor3D>(mul(b, cos), mul(a, sin))],
    2,
  );
}
