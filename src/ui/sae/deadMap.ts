// The geometry and the counts of the map of features: every feature a square cell, row by row. Pure.

export interface MapLayout {
  readonly columns: number;
  readonly rows: number;
  /** Side of a cell in CSS pixels. */
  readonly cell: number;
}

/** Columns are a power of two, so that a feature's place can be read off; the map is at least as wide as high. */
export function mapLayout(features: number, width: number): MapLayout {
  const columns = 2 ** Math.ceil(Math.log2(Math.max(1, Math.sqrt(features))));
  return { columns, rows: Math.ceil(features / columns), cell: width / columns };
}

export function featureAt(
  layout: MapLayout,
  features: number,
  x: number,
  y: number,
): number | null {
  const column = Math.floor(x / layout.cell);
  const row = Math.floor(y / layout.cell);
  if (column < 0 || column >= layout.columns || row < 0) return null;
  const index = row * layout.columns + column;
  return index < features ? index : null;
}

/** Where the keyboard's cursor goes; null: the key is not the map's. */
export function moveCursor(
  key: string,
  index: number,
  layout: MapLayout,
  features: number,
): number | null {
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -layout.columns,
    ArrowDown: layout.columns,
    PageUp: -8 * layout.columns,
    PageDown: 8 * layout.columns,
  };
  if (key === "Home") return 0;
  if (key === "End") return features - 1;
  const step = steps[key];
  if (step === undefined) return null;
  return Math.max(0, Math.min(features - 1, index + step));
}

/** A file holds log10(rate + 1e-10): at or under this the feature never fired. */
const NEVER = -9;

export interface DensityCounts {
  /** At or under the threshold. */
  readonly dead: number;
  /** Never fired in what was counted. */
  readonly silent: number;
}

export function densityCounts(logDensity: Iterable<number>, threshold: number): DensityCounts {
  let dead = 0;
  let silent = 0;
  for (const value of logDensity) {
    if (value <= threshold) dead += 1;
    if (value < NEVER) silent += 1;
  }
  return { dead, silent };
}

/** The colour scale's faint end, log10: rarer live features look alike. The saturated end is 0 (fires always). */
export const FAINT_LOG_DENSITY = -5;

/** 0 (faint) to 1 (fires on every token) for a live feature. */
export function densityStrength(logDensity: number): number {
  const share = (logDensity - FAINT_LOG_DENSITY) / -FAINT_LOG_DENSITY;
  return 0.1 + 0.9 * Math.max(0, Math.min(1, share));
}
