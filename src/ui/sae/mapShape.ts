// Where the cells of the map lie: row by row, or like with like. In units of the map's width, so that it can be drawn at
// any size and zoom. Pure.

import type { Projection } from "../../state/store.ts";
import { featureAt, mapLayout, moveCursor } from "./deadMap.ts";

export interface MapShape {
  readonly features: number;
  /** Top left corners of the cells, NaN of a feature that has no place, and their side. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly side: number;
  /** Of the whole map. */
  readonly height: number;
  /** The feature under a point; null: none. */
  readonly find: (x: number, y: number) => number | null;
  /** Where the keyboard's cursor goes; null: the key is not the map's. */
  readonly move: (key: string, feature: number) => number | null;
  /** In words, for the map's label. */
  readonly order: string;
}

/** Where a feature's cell begins; null: nowhere. */
export function placeOf({ x, y }: MapShape, feature: number): readonly [number, number] | null {
  const [left, top] = [x[feature], y[feature]];
  return left === undefined || top === undefined || Number.isNaN(left) ? null : [left, top];
}

/** Every feature a square, row by row. */
export function gridShape(features: number): MapShape {
  const layout = mapLayout(Math.max(1, features), 1);
  const { columns, rows, cell } = layout;
  return {
    features,
    x: Float32Array.from({ length: features }, (_, i) => (i % columns) * cell),
    y: Float32Array.from({ length: features }, (_, i) => Math.floor(i / columns) * cell),
    side: cell,
    height: rows * cell,
    find: (x, y) => featureAt(layout, features, x, y),
    move: (key, feature) => moveCursor(key, feature, layout, features),
    order: `${columns} to a row`,
  };
}

/** Room round the points, of the width. */
const MARGIN = 0.02;
/** A point is found from this many of its sides away. */
const REACH = 2;

/** Every feature a point where its decoder row lies among like ones. */
export function cloudShape({ x: px, y: py }: Projection): MapShape {
  const features = px.length;
  const room = 1 - 2 * MARGIN;
  const extent = py.reduce((most, value) => Math.max(most, Math.abs(value) || 0), 0);
  const height = 2 * extent * room + 2 * MARGIN;
  // About a third of the map is covered, were the points spread evenly.
  const side = Math.sqrt((0.3 * height) / Math.max(1, features));
  const x = px.map((value) => 0.5 + value * room - side / 2);
  const y = py.map((value) => height / 2 + value * room - side / 2);
  const find = (atX: number, atY: number): number | null => {
    let best: number | null = null;
    let least = (REACH * side) ** 2;
    for (let i = 0; i < features; i++) {
      const distance = ((x[i] ?? 0) + side / 2 - atX) ** 2 + ((y[i] ?? 0) + side / 2 - atY) ** 2;
      if (distance < least) [best, least] = [i, distance];
    }
    return best;
  };
  return {
    features,
    x,
    y,
    side,
    height,
    find,
    move: (key, feature) => moveInCloud(key, feature, x, y),
    order: "like decoder rows together",
  };
}

/** The nearest point in the arrow's quarter of the plane; the same where there is none. */
function moveInCloud(
  key: string,
  feature: number,
  x: Float32Array,
  y: Float32Array,
): number | null {
  if (key === "Home") return 0;
  if (key === "End") return x.length - 1;
  const direction: Record<string, readonly [number, number]> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };
  const [dx, dy] = direction[key] ?? [0, 0];
  if (dx === 0 && dy === 0) return null;
  const [fromX, fromY] = [x[feature] ?? 0, y[feature] ?? 0];
  let best = feature;
  let least = Infinity;
  for (let i = 0; i < x.length; i++) {
    const [stepX, stepY] = [(x[i] ?? 0) - fromX, (y[i] ?? 0) - fromY];
    const along = stepX * dx + stepY * dy;
    const across = Math.abs(stepX * dy) + Math.abs(stepY * dx);
    if (along <= 0 || across > along) continue;
    const distance = along ** 2 + across ** 2;
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
}

/** What part of the map is on show: a point in units of its width, and how much larger it is. */
export interface Zoom {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export const WHOLE: Zoom = { x: 0, y: 0, scale: 1 };
const MOST = 40;

/** Zoomed about a point that stays where it is, never beyond the map's edges. */
export function zoomed(zoom: Zoom, factor: number, x: number, y: number, height: number): Zoom {
  const scale = Math.min(MOST, Math.max(1, zoom.scale * factor));
  const keep = 1 - zoom.scale / scale;
  return within(
    { scale, x: zoom.x + (x - zoom.x) * keep, y: zoom.y + (y - zoom.y) * keep },
    height,
  );
}

export const moved = (zoom: Zoom, dx: number, dy: number, height: number): Zoom =>
  within({ ...zoom, x: zoom.x + dx, y: zoom.y + dy }, height);

const within = ({ x, y, scale }: Zoom, height: number): Zoom => ({
  scale,
  x: Math.max(0, Math.min(1 - 1 / scale, x)),
  y: Math.max(0, Math.min(height - height / scale, y)),
});
