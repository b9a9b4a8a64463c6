// What a scan is of and how much it keeps of each feature. Two scans can be added up only where all of this is the same.

import { FacetError } from "../lib/errors.ts";
import type { GeluKind, Precision } from "../lib/report.ts";

/** Of the numbers' meaning and of the stored layout; raised with either. */
export const SCAN_VERSION = 1;

/** Bins of a feature's histogram. docs/maths.md §5.5. */
export const BINS = 50;
/** Equal-width intervals that examples are shown in. */
export const INTERVALS = 5;
/** Equal-width strata of [0, 2^e) that samples are kept in: INTERVALS to twice as many of them lie under the maximum. */
export const STRATA = 10;

/** What was run. The backend is no part of it: they agree, or it is a bug. */
export interface ScanSubject {
  readonly model: {
    readonly source: string;
    readonly revision: string;
    readonly precision: Precision;
    readonly activation: GeluKind;
  };
  readonly sae: {
    readonly source: string;
    readonly revision: string;
    readonly folder: string;
    readonly hook: string;
    readonly dSae: number;
  };
  /** Tokens of a context, its BOS included. */
  readonly contextSize: number;
  /** BOS tokens that a context begins with: 0, or one where it is not said. No scan counts them. */
  readonly bos?: 0;
}

/** BOS tokens in front of each context. */
export const leadOf = ({ bos }: ScanSubject): number => bos ?? 1;

/** How much is kept of each feature. */
export interface ScanSettings {
  readonly seed: number;
  /** Strongest contexts. */
  readonly top: number;
  /** Firings in each stratum of strength. */
  readonly perStratum: number;
  /** Firings of the unbiased sample. */
  readonly sample: number;
  /** Tokens of an example. */
  readonly window: number;
  /** Smallest hashes of the tokens it fired on, from which co-activation is estimated. */
  readonly sketch: number;
  /** Numbers that are added up besides, for Verify's metrics; 0 where they were not asked for. */
  readonly sums: number;
}

export const DEFAULT_SETTINGS: ScanSettings = {
  seed: 1,
  top: 20,
  perStratum: 3,
  sample: 15,
  window: 32,
  sketch: 128,
  sums: 0,
};

/** Less for SAEs so wide that arrays for the default would take over some 300 MB. */
export function settingsFor(dSae: number): ScanSettings {
  if (dSae <= 16_384) return DEFAULT_SETTINGS;
  if (dSae <= 40_960) return { ...DEFAULT_SETTINGS, top: 10, perStratum: 2, sample: 8, window: 24 };
  return { ...DEFAULT_SETTINGS, top: 5, perStratum: 1, sample: 5, window: 16, sketch: 32 };
}

export interface ScanPlan {
  readonly version: number;
  readonly subject: ScanSubject;
  readonly settings: ScanSettings;
}

/** Throws `Mismatch`, naming the first difference, where numbers of the two cannot be added up. */
export function assertSamePlan(a: ScanPlan, b: ScanPlan): void {
  const [left, right] = [leaves(a), leaves(b)];
  for (const [name, value] of left) {
    const other = right.get(name);
    if (value !== other) {
      throw new FacetError(
        "Mismatch",
        `Merging two scans: ${name} is ${JSON.stringify(value)} in one and ${JSON.stringify(other)} in the other. Only scans made of the same model and SAE in the same way can be added up.`,
      );
    }
  }
}

/** "subject.model.revision" → its value, in a fixed order. */
function leaves(plan: ScanPlan): Map<string, string | number> {
  const found = new Map<string, string | number>();
  const walk = (value: unknown, path: string): void => {
    if (typeof value === "string" || typeof value === "number") found.set(path, value);
    else if (typeof value === "object" && value !== null) {
      for (const [key, child] of Object.entries(value).toSorted(([x], [y]) => (x < y ? -1 : 1)))
        walk(child, path === "" ? key : `${path}.${key}`);
    }
  };
  walk(plan, "");
  return found;
}
