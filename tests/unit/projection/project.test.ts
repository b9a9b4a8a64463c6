// Laying features out by their neighbours: like lies with like, and the same seed gives the same map.

import { describe, expect, it } from "vitest";
import { project } from "../../../src/projection/project.ts";

/** Two groups of 20 whose members are each other's neighbours. */
function twoGroups() {
  const n = 40;
  const k = 5;
  const index = new Uint32Array(n * k);
  const cosine = new Float32Array(n * k);
  for (let i = 0; i < n; i++) {
    const group = i < 20 ? 0 : 20;
    for (let j = 0; j < k; j++) {
      index[i * k + j] = group + ((i - group + j + 1) % 20);
      cosine[i * k + j] = 0.9 - 0.05 * j;
    }
  }
  return { k, index, cosine, seed: 1 };
}

describe("project", () => {
  it("puts the members of a group nearer to each other than to those of the other", () => {
    const told: number[] = [];
    const { x, y } = project(twoGroups(), (done, total) => told.push(done / total));
    const distance = (a: number, b: number): number =>
      Math.hypot((x[a] ?? NaN) - (x[b] ?? NaN), (y[a] ?? NaN) - (y[b] ?? NaN));
    let nearer = 0;
    for (let i = 0; i < 40; i++) {
      const others = Array.from({ length: 40 }, (_, j) => j).filter((j) => j !== i);
      const nearest = others.reduce((best, j) => (distance(i, j) < distance(i, best) ? j : best));
      nearer += Number(nearest < 20 === i < 20);
    }
    expect(nearer).toBeGreaterThanOrEqual(38);
    expect(told.length).toBeGreaterThan(10);
    expect(Math.max(...told)).toBeLessThanOrEqual(1);
  });

  it("fills a box whose longer side is 1 about 0, and repeats itself", () => {
    const { x, y } = project(twoGroups());
    const width = (values: Float32Array): number => Math.max(...values) - Math.min(...values);
    expect(Math.max(width(x), width(y))).toBeCloseTo(1);
    expect(Math.max(...x) + Math.min(...x)).toBeCloseTo(0);
    expect(project(twoGroups())).toEqual({ x, y });
  });

  it("gives features without a direction no place, and the others the places they have without them", () => {
    const { k, index, cosine, seed } = twoGroups();
    // Between the groups, one that is nobody's neighbour and has none: its own number and NaN.
    const moved = Uint32Array.from(index, (i) => (i < 20 ? i : i + 1));
    const with20 = {
      k,
      seed,
      index: Uint32Array.of(
        ...moved.subarray(0, 20 * k),
        ...Array.from({ length: k }, () => 20),
        ...moved.subarray(20 * k),
      ),
      cosine: Float32Array.of(
        ...cosine.subarray(0, 20 * k),
        ...Array.from({ length: k }, () => NaN),
        ...cosine.subarray(20 * k),
      ),
    };
    const [one, other] = [project(with20), project(twoGroups())];
    for (const axis of ["x", "y"] as const) {
      expect(one[axis][20]).toBeNaN();
      expect([...one[axis]].filter((_, i) => i !== 20)).toEqual([...other[axis]]);
    }
  });

  it("has no map of fewer than three features", () => {
    const two = { k: 1, index: Uint32Array.of(1, 0), cosine: Float32Array.of(1, 1), seed: 1 };
    expect(project(two).x.length).toBe(2);
    expect(project({ ...two, k: 0, index: new Uint32Array() }).x.length).toBe(0);
  });
});
