// UMAP of points whose neighbours are known already (McInnes, Healy, Melville 2018; the library umap-js). What lies near
// what means something; how far apart two far groups lie, and where the axes point, does not.

import { UMAP } from "umap-js";
import { greatest } from "../lib/extremes.ts";
import { randomSource } from "../lib/random.ts";
import type { ToProjection } from "./messages.ts";

/** Told this often, in epochs. */
const TOLD_EVERY = 5;

/** The same points and seed give the same map. */
export function project(
  { k, index, cosine, seed }: ToProjection,
  onProgress: (done: number, total: number) => void = () => undefined,
): { x: Float32Array<ArrayBuffer>; y: Float32Array<ArrayBuffer> } {
  const n = k === 0 ? 0 : index.length / k;
  // With fewer points than neighbours there is nothing to lay out.
  if (n < 3) return { x: new Float32Array(n), y: new Float32Array(n) };
  const points = Array.from({ length: n }, (_, i) => i);
  const umap = new UMAP({ nComponents: 2, nNeighbors: k + 1, random: randomSource(seed) });
  // The library counts a point among its own neighbours.
  umap.setPrecomputedKNN(
    points.map((i) => [i, ...index.subarray(i * k, (i + 1) * k)]),
    points.map((i) => [0, ...cosine.subarray(i * k, (i + 1) * k).map((c) => Math.max(0, 1 - c))]),
  );
  // It reads no more of the points than how many there are.
  const total = umap.initializeFit(points.map((i) => [i]));
  for (let epoch = 0; epoch < total; epoch++) {
    umap.step();
    if (epoch % TOLD_EVERY === 0) onProgress(epoch, total);
  }
  return centred(umap.getEmbedding());
}

function centred(embedding: readonly (readonly number[])[]) {
  const axes = [0, 1].map((axis) => {
    const values = Float32Array.from(embedding, (point) => point[axis] ?? 0);
    const low = values.reduce((a, b) => Math.min(a, b), Infinity);
    const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
    return { values, middle: (low + high) / 2, width: high - low };
  });
  const width = greatest(axes.map((axis) => axis.width)) || 1;
  const [x, y] = axes.map(({ values, middle }) => values.map((value) => (value - middle) / width));
  if (!x || !y) throw new Error("A map has two axes.");
  return { x, y };
}
