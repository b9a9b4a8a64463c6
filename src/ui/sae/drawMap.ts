// Draws the map of features: colours come from the stylesheet, cells of one colour are drawn together.

import { densityStrength } from "./deadMap.ts";
import type { MapShape, Zoom } from "./mapShape.ts";
import { FULL_DIFFERENCE, type MapValues } from "./mapValues.ts";

/** Steps of a colour scale. */
const SHADES = 32;
/** Cells at least this wide, in pixels, get a hairline between them. */
const GAP_FROM = 4;
/** Points of a map that is zoomed grow slower than what lies between them. */
const GROWTH = 0.6;

export interface Painting {
  readonly shape: MapShape;
  readonly map: MapValues;
  readonly threshold: number;
  readonly zoom: Zoom;
  /** CSS pixels. */
  readonly width: number;
}

/** Side of a drawn cell in CSS pixels. */
export const drawnSide = ({ shape, zoom, width }: Omit<Painting, "map" | "threshold">): number =>
  shape.order === "like decoder rows together"
    ? Math.max(1.5, shape.side * width * zoom.scale ** GROWTH)
    : shape.side * width * zoom.scale;

export function drawMap(canvas: HTMLCanvasElement, painting: Painting): void {
  const { shape, zoom, width } = painting;
  const pixels = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * pixels);
  canvas.height = Math.round(width * shape.height * pixels);
  const context = canvas.getContext("2d");
  if (context === null) return;
  const colours = coloursOf(canvas, painting.map.colour === "difference");
  context.setTransform(pixels, 0, 0, pixels, 0, 0);
  const side = drawnSide(painting);
  const unit = width * zoom.scale;
  const gap = side >= GAP_FROM ? 1 : 0;
  // A cell grows about its middle.
  const shift = (shape.side * unit - side) / 2;
  const drawn = Math.max(1, side - gap);
  byColour(painting).forEach((features, shade) => {
    context.fillStyle = colours[shade] ?? "";
    for (const i of features) {
      const x = ((shape.x[i] ?? 0) - zoom.x) * unit + shift;
      const y = ((shape.y[i] ?? 0) - zoom.y) * unit + shift;
      if (x > -side && y > -side && x < width && y < width * shape.height)
        context.fillRect(x, y, drawn, drawn);
    }
  });
}

/** Features by their colour: 0 is dead, or negative to its full; then from faint to full. */
function byColour({ map, threshold }: Painting): number[][] {
  const groups = Array.from({ length: 2 * SHADES + 2 }, (): number[] => []);
  map.values.forEach((value, i) => {
    const shade =
      map.colour === "difference"
        ? SHADES + Math.round(Math.max(-1, Math.min(1, value / FULL_DIFFERENCE)) * SHADES)
        : value <= threshold
          ? 0
          : 1 + Math.round(densityStrength(value) * SHADES);
    groups[shade]?.push(i);
  });
  return groups;
}

/** In the order of `byColour`. */
function coloursOf(canvas: HTMLCanvasElement, signed: boolean): string[] {
  const style = getComputedStyle(canvas);
  const property = (name: string): string => style.getPropertyValue(name).trim();
  const [paper, accent] = [property("--wash"), property("--accent")];
  const mix = (colour: string, k: number): string =>
    `color-mix(in oklab, ${colour} ${(100 * k) / SHADES}%, ${paper})`;
  if (signed) {
    const cool = property("--cool");
    return Array.from({ length: 2 * SHADES + 1 }, (_, k) =>
      k < SHADES ? mix(cool, SHADES - k) : mix(accent, k - SHADES),
    );
  }
  return [property("--dead"), ...Array.from({ length: SHADES + 1 }, (_, k) => mix(accent, k))];
}
