// Agreement with the fp32 reference: the tolerances that reports are held to, stated once.

import { expect } from "vitest";
import type { Analysis, FeatureActivation, MetricName, Metrics } from "../../src/lib/report.ts";

/** |found − wanted| ≤ the larger of absolute and relative·|wanted|. */
export function within(found: number, wanted: number, relative: number, absolute: number): boolean {
  return Math.abs(found - wanted) <= Math.max(absolute, relative * Math.abs(wanted));
}

/** residual rows: 1e-4 of the row's norm. */
export function expectRows(
  found: Float32Array,
  wanted: Float32Array,
  cols: number,
  label: string,
): void {
  expect(found.length, label).toBe(wanted.length);
  for (let t = 0; t * cols < wanted.length; t++) {
    let error = 0;
    let norm = 0;
    for (let j = t * cols; j < (t + 1) * cols; j++) {
      error += ((found[j] ?? NaN) - (wanted[j] ?? NaN)) ** 2;
      norm += (wanted[j] ?? NaN) ** 2;
    }
    expect(Math.sqrt(error) / Math.sqrt(norm), `${label}, row ${t}`).toBeLessThan(1e-4);
  }
}

/** Features that may be on or off: their pre-activation lies within this of the threshold. */
const MARGIN = 1e-3;

/** Every feature within 1e-3, relative or absolute; one may be missing or extra only where it hardly fires. */
export function expectFeatures(
  found: readonly FeatureActivation[],
  wanted: readonly FeatureActivation[],
  label: string,
  mayFlip: (feature: FeatureActivation) => boolean = ({ raw }) => raw <= MARGIN,
): void {
  const wantedBy = new Map(wanted.map((feature) => [feature.index, feature]));
  const foundBy = new Map(found.map((feature) => [feature.index, feature]));
  for (const feature of wanted) {
    const twin = foundBy.get(feature.index);
    if (!twin) {
      expect(
        mayFlip(feature),
        `${label}: feature ${feature.index} (${feature.raw}) is missing`,
      ).toBe(true);
      continue;
    }
    for (const unit of ["raw", "folded"] as const) {
      expect(
        within(twin[unit], feature[unit], 1e-3, 1e-3),
        `${label}: feature ${feature.index} ${unit} ${twin[unit]}, wanted ${feature[unit]}`,
      ).toBe(true);
    }
  }
  for (const feature of found) {
    if (wantedBy.has(feature.index)) continue;
    expect(
      mayFlip(feature),
      `${label}: feature ${feature.index} (${feature.raw}) should be off`,
    ).toBe(true);
  }
}

/** Top-k: the midpoint between the k-th and the next is the threshold, and the reference holds only the k. */
export function topkFlip(
  wanted: readonly FeatureActivation[],
): (feature: FeatureActivation) => boolean {
  const last = Math.min(...wanted.map(({ raw }) => raw));
  return ({ raw }) => Math.abs(raw - last) <= 2 * MARGIN;
}

export type GoldenToken = Pick<
  Analysis["tokens"][number],
  "position" | "id" | "token" | "l0" | "norm" | "squaredError" | "features"
>;

export function expectTokens(
  found: Analysis["tokens"],
  wanted: readonly GoldenToken[],
  topk: boolean,
  label: string,
): void {
  expect(
    found.map(({ id }) => id),
    label,
  ).toEqual(wanted.map(({ id }) => id));
  expect(
    found.map(({ token }) => token),
    label,
  ).toEqual(wanted.map(({ token }) => token));
  wanted.forEach((golden, t) => {
    const token = found[t];
    const at = `${label}, token ${t}`;
    if (!token) throw new Error(`${at} is missing`);
    expect(
      within(token.norm, golden.norm, 1e-3, 0),
      `${at}: norm ${token.norm}, wanted ${golden.norm}`,
    ).toBe(true);
    expect(
      within(token.squaredError, golden.squaredError, 2e-3, 2e-3),
      `${at}: squaredError ${token.squaredError}, wanted ${golden.squaredError}`,
    ).toBe(true);
    expectFeatures(
      token.features,
      golden.features,
      at,
      topk ? topkFlip(golden.features) : undefined,
    );
    expect(token.l0, at).toBe(token.features.length);
  });
}

const EXACT_METRICS: ReadonlySet<MetricName> = new Set(["ceClean", "ceSae", "ceZero"]);

/** CE within 1e-4; everything else 2e-3, relative or absolute. */
export function expectMetrics(found: Metrics, wanted: Partial<Metrics>, label: string): void {
  for (const [name, value] of Object.entries(wanted) as [MetricName, number | null][]) {
    const measured = found[name];
    if (value === null || measured === null) {
      expect(measured, `${label}: ${name}`).toBe(value);
      continue;
    }
    const [relative, absolute] = EXACT_METRICS.has(name) ? [0, 1e-4] : [2e-3, 2e-3];
    expect(
      within(measured, value, relative, absolute),
      `${label}: ${name} ${measured}, wanted ${value}`,
    ).toBe(true);
  }
}
