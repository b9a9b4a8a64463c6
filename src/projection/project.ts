// UMAP of points whose neighbours are known already (McInnes, Healy, Melville 2018; the library umap-js). What lies near
// what means something; how far apart two far groups lie, and where the axes point, does not.

import { UMAP } from "umap-js";
import { defined } from "../lib/defined.ts";
import { greatest } from "../lib/extremes.ts";
import { randomSource } from "../lib/random.ts";
import type { ToProjection } from "./messages.ts";

/** Told this often, in epochs. */
const TOLD_EVERY = 5;

/** The same points and seed give the same map. A feature without a direction has no place: NaN. */
export function project(
  { k, index, cosine, seed }: ToProjection,
  onProgress: (done: number, total: number) => void = () => undefined,
): Places {
  const all = k === 0 ? 0 : index.length / k;
  // Features that have neighbours, and their numbers as points.
  const features = [...Array(all).keys()].filter((i) => index[i * k] !== i);
  const pointOf = new Map(features.map((feature, point) => [feature, point]));
  const n = features.length;
  // With fewer points than neighbours there is nothing to lay out.
  if (n < 3) return spread(features, all, { x: new Float32Array(n), y: new Float32Array(n) });
  const umap = new UMAP({ nComponents: 2, nNeighbors: k + 1, random: randomSource(seed) });
  // The library counts a point among its own neighbours.
  umap.setPrecomputedKNN(
    features.map((i, point) => [
      point,
      ...Array.from(index.subarray(i * k, (i + 1) * k), (other) => pointOf.get(other) ?? point),
    ]),
    features.map((i) => [
      0,
      ...cosine.subarray(i * k, (i + 1) * k).map((c) => (Number.isNaN(c) ? 1 : Math.max(0, 1 - c))),
    ]),
  );
  // It reads no more of the points than how many there are.
  const total = umap.initializeFit(features.map((i) => [i]));
  for (let epoch = 0; epoch < total; epoch++) {
    umap.step();
    if (epoch % TOLD_EVERY === 0) onProgress(epoch, total);
  }
  return spread(features, all, centred(umap.getEmbedding()));
}

interface Places {
  readonly x: Float32Array<ArrayBuffer>;
  readonly y: Float32Array<ArrayBuffer>;
}

/** The points' places at their features' numbers, of `all`. */
function spread(features: readonly number[], all: number, { x, y }: Places): Places {
  const placed = { x: new Float32Array(all).fill(NaN), y: new Float32Array(all).fill(NaN) };
  features.forEach((feature, point) => {
    placed.x[feature] = defined(x[point]);
    placed.y[feature] = defined(y[point]);
  });
  return placed;
}

function centred(embedding: readonly (readonly number[])[]): Places {
  const axes = [0, 1].map((axis) => {
    const values = Float32Array.from(embedding, (point) => defined(point[axis]));
    const low = values.reduce((a, b) => Math.min(a, b), Infinity);
    const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
    return { values, middle: (low + high) / 2, width: high - low };
  });
  const width = greatest(axes.map((axis) => axis.width)) || 1;
  const [x, y] = axes.map(({ values, middle }) => values.map((value) => (value - middle) / width));
  if (!x || !y) throw new Error("A map has two axes.");
  return { x, y };
}
