// What colours the map of features: a rate by one source, or how far two sources are apart. Pure.

import type { ScanSummary } from "../../lib/scan.ts";
import type { View } from "../../state/view.ts";
import { percent } from "../shared/format.ts";

export type MapColour = View["mapColour"];

/** log10 of the rate of a feature that was never seen to fire, as sparsity files write it. */
export const NEVER_LOG = -10;

export interface MapValues {
  readonly colour: MapColour;
  /** log10 of the rate, or the difference of two such, [d_sae]. */
  readonly values: Float32Array;
  /** By the file and by the scan, as far as they are known; for words. */
  readonly file: ArrayLike<number> | null;
  readonly scan: Float32Array | null;
}

/** log10(count / tokens), [d_sae]. */
export function scanLogDensity({ count, tokens }: ScanSummary): Float32Array {
  return Float32Array.from(count, (n) => (n === 0 ? NEVER_LOG : Math.log10(n / tokens)));
}

/**
 * null where what is asked for is not known. Differences are scan − file in decades. Under half a firing in the scan's
 * tokens no rate can be told from another, so both are raised to that first.
 */
export function mapValues(
  colour: MapColour,
  file: Float32Array | null,
  summary: ScanSummary | null,
): MapValues | null {
  const scan = summary === null ? null : scanLogDensity(summary);
  const parts = { colour, file, scan };
  if (colour === "file") return file && { ...parts, values: file };
  if (colour === "scan") return scan && { ...parts, values: scan };
  if (file === null || scan === null || summary === null) return null;
  const floor = Math.log10(0.5 / summary.tokens);
  const values = scan.map((value, i) => Math.max(value, floor) - Math.max(file[i] ?? floor, floor));
  return { ...parts, values };
}

/** Decades of difference at which the colour is full. */
export const FULL_DIFFERENCE = 1;

/** Dead by one source and alive by the other. */
export function disagreeing({ file, scan }: MapValues, threshold: number): number {
  if (file === null || scan === null) return 0;
  return scan.reduce(
    (sum, value, i) => sum + Number(value <= threshold !== (file[i] ?? NEVER_LOG) <= threshold),
    0,
  );
}

const rate = (log: number | undefined, verb: string): string | null =>
  log === undefined
    ? null
    : log <= NEVER_LOG + 1
      ? `never seen to fire ${verb}`
      : `fires on ${percent(10 ** log)} of tokens ${verb}`;

/** A cell in words. */
export function describeFeature(feature: number, map: MapValues | null, threshold: number): string {
  if (map === null) return `feature ${feature}`;
  const { colour, file, scan } = map;
  const inFile = colour === "scan" ? null : rate(file?.[feature], "in training");
  const inScan = colour === "file" ? null : rate(scan?.[feature], "in the scan");
  const source = colour === "scan" ? scan : file;
  const dead = colour !== "difference" && (source?.[feature] ?? 0) <= threshold;
  return [`feature ${feature}`, inFile, inScan, dead ? "dead" : null]
    .filter((part) => part !== null)
    .join(", ");
}
