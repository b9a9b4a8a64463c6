// The map of features: what colours it, where its cells lie, and what zooming shows of it.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ScanSummary } from "../../../src/lib/scan.ts";
import { cloudShape, gridShape, moved, WHOLE, zoomed } from "../../../src/ui/sae/mapShape.ts";
import {
  describeFeature,
  disagreeing,
  mapValues,
  scanLogDensity,
} from "../../../src/ui/sae/mapValues.ts";

const scan = { tokens: 1000, count: Float64Array.of(100, 0, 1, 0) } as ScanSummary;
const file = Float32Array.of(-2, -10, -6, -3);

describe("colours", () => {
  test("by the scan are log10 of the rate; never is as sparsity files write it", () => {
    expect([...scanLogDensity(scan)]).toEqual([-1, -10, -3, -10]);
    expect([...(mapValues("scan", file, scan)?.values ?? [])]).toEqual([-1, -10, -3, -10]);
    expect(mapValues("file", file, scan)?.values).toBe(file);
  });

  test("by the difference are in decades, over what the scan can tell apart", () => {
    const floor = Math.log10(0.5 / 1000);
    const values = mapValues("difference", file, scan)?.values ?? [];
    // Twice as often; never by both; once in the scan and next to never in training; only in training.
    [1, 0, -3 - floor, floor - -3].forEach((wanted, i) => expect(values[i]).toBeCloseTo(wanted, 5));
  });

  test("are none where a source is missing", () => {
    expect(mapValues("file", null, scan)).toBeNull();
    expect(mapValues("scan", file, null)).toBeNull();
    expect(mapValues("difference", file, null)).toBeNull();
    expect(mapValues("difference", null, scan)).toBeNull();
  });

  test("disagree where one source has a feature dead and the other alive", () => {
    const map = mapValues("difference", file, scan);
    expect(map && disagreeing(map, -5)).toBe(2);
    expect(map && disagreeing(map, -1)).toBe(0);
  });

  test("are told in words, each rate with its source", () => {
    const words = (colour: "file" | "scan" | "difference", feature: number): string =>
      describeFeature(feature, mapValues(colour, file, scan), -5);
    expect(words("file", 0)).toBe("feature 0, fires on 1.0 % of tokens in training");
    expect(words("file", 1)).toBe("feature 1, never seen to fire in training, dead");
    expect(words("scan", 3)).toBe("feature 3, never seen to fire in the scan, dead");
    expect(words("difference", 2)).toBe(
      "feature 2, fires on < 0.001 % of tokens in training, fires on 0.10 % of tokens in the scan",
    );
    expect(describeFeature(5, null, -5)).toBe("feature 5");
  });
});

describe("the grid", () => {
  test("finds every feature under the middle of its own cell", () => {
    const shape = gridShape(100);
    for (let i = 0; i < 100; i++) {
      const half = shape.side / 2;
      expect(shape.find((shape.x[i] ?? NaN) + half, (shape.y[i] ?? NaN) + half)).toBe(i);
    }
    expect(shape.height).toBeCloseTo(7 / 16);
    expect(shape.find(0.5, -0.01)).toBeNull();
  });
});

describe("the cloud", () => {
  const points = { x: Float32Array.of(-0.5, 0.5, 0, 0), y: Float32Array.of(0, 0, -0.2, 0.2) };
  const shape = cloudShape(points);

  test("lies within the map, as wide as it and no higher than its points", () => {
    for (let i = 0; i < 4; i++) {
      expect(shape.x[i]).toBeGreaterThan(-shape.side);
      expect((shape.x[i] ?? NaN) + shape.side).toBeLessThan(1 + shape.side);
      expect((shape.y[i] ?? NaN) + shape.side).toBeLessThan(shape.height + shape.side);
    }
    expect(shape.height).toBeCloseTo(0.4 * 0.96 + 0.04);
  });

  test("finds the nearest point within reach", () => {
    const half = shape.side / 2;
    for (let i = 0; i < 4; i++)
      expect(shape.find((shape.x[i] ?? NaN) + half, (shape.y[i] ?? NaN) + half)).toBe(i);
    const many = cloudShape({
      x: Float32Array.from({ length: 400 }, (_, i) => (i % 20) / 40 - 0.5),
      y: Float32Array.from({ length: 400 }, (_, i) => Math.floor(i / 20) / 40 - 0.5),
    });
    expect(many.find(0.95, 0.95)).toBeNull();
  });

  test("arrows go to the nearest point that way, and stay where there is none", () => {
    // Of 2 and 3, which lie as near, the first.
    expect(shape.move("ArrowRight", 0)).toBe(2);
    expect(shape.move("ArrowRight", 1)).toBe(1);
    expect(shape.move("ArrowUp", 3)).toBe(2);
    expect(shape.move("Home", 3)).toBe(0);
    expect(shape.move("End", 0)).toBe(3);
    expect(shape.move("x", 0)).toBeNull();
  });
});

describe("zoom", () => {
  const anyZoom = fc.record({
    x: fc.double({ min: 0, max: 1, noNaN: true }),
    y: fc.double({ min: 0, max: 1, noNaN: true }),
    factor: fc.double({ min: 0.2, max: 6, noNaN: true }),
  });

  test("stays within the map whatever is done", () => {
    fc.assert(
      fc.property(fc.array(anyZoom, { maxLength: 8 }), (steps) => {
        let zoom = WHOLE;
        for (const { x, y, factor } of steps) {
          zoom = moved(zoomed(zoom, factor, x, y, 0.5), x - 0.5, y - 0.5, 0.5);
          expect(zoom.scale).toBeGreaterThanOrEqual(1);
          expect(zoom.x).toBeGreaterThanOrEqual(0);
          expect(zoom.x + 1 / zoom.scale).toBeLessThanOrEqual(1 + 1e-12);
          expect(zoom.y + 0.5 / zoom.scale).toBeLessThanOrEqual(0.5 + 1e-12);
        }
      }),
    );
  });

  test("keeps the point that it zooms about where it is", () => {
    const zoom = zoomed(WHOLE, 4, 0.6, 0.3, 0.5);
    expect((0.6 - zoom.x) * zoom.scale).toBeCloseTo(0.6);
    expect((0.3 - zoom.y) * zoom.scale).toBeCloseTo(0.3);
    expect(zoomed(zoom, 1 / 4, 0.6, 0.3, 0.5)).toEqual(WHOLE);
  });
});
