// What the reference computed for the bundled presets (tests/fixtures/demo), and agreement with it, for browser tests.
// The engine's own tests compare every field; here it is shown that the page brings the same numbers.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Analysis, Mask, Verification } from "../../src/lib/report.ts";
import { expect } from "./test.ts";

const ROOT = join(import.meta.dirname, "../..");
const readJson = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), "utf8"));

export interface Golden {
  readonly sae: string;
  readonly text: string;
  readonly activation: "tanh" | "erf";
  readonly mask: Mask;
  readonly report: Pick<Analysis, "tokens"> & Pick<Verification, "metrics">;
}

interface Card {
  readonly presets: readonly string[];
  readonly saes: readonly {
    readonly id: string;
    readonly sample: Readonly<Record<Mask, Readonly<Record<string, number>>>>;
  }[];
}

export const goldens = readJson("tests/fixtures/demo/goldens.json") as readonly Golden[];
export const card = readJson("public/demo/card.json") as Card;

/** The SAE that a plain visit opens. */
export const DEFAULT_SAE = "blocks.3.hook_resid_post_fast_lr";

export function goldenOf(text: string, activation: Golden["activation"] = "tanh"): Golden {
  const golden = goldens.find(
    (one) => one.sae === DEFAULT_SAE && one.text === text && one.activation === activation,
  );
  if (golden === undefined) throw new Error(`there is no golden for ${JSON.stringify(text)}`);
  return golden;
}

/** Tolerance of features: relative or absolute, whichever is larger. */
const FEATURE = 1e-3;

/** Values by feature. Those that hardly fire may be on or off. */
type Active = ReadonlyMap<number, number>;

export function expectSameFeatures(found: Active, wanted: Active, label: string): void {
  for (const index of new Set([...found.keys(), ...wanted.keys()])) {
    const value = wanted.get(index) ?? 0;
    const difference = Math.abs((found.get(index) ?? 0) - value);
    expect(difference, `${label}, feature ${index}`).toBeLessThanOrEqual(
      FEATURE * Math.max(1, Math.abs(value)),
    );
  }
}

export function expectSameTokens(
  found: Analysis["tokens"],
  wanted: Golden["report"]["tokens"],
): void {
  expect(found.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
  for (const [position, token] of wanted.entries()) {
    const twin = found[position];
    for (const unit of ["raw", "folded"] as const) {
      const values = (features: Analysis["tokens"][number]["features"]): Active =>
        new Map(features.map((feature) => [feature.index, feature[unit]]));
      expectSameFeatures(
        values(twin?.features ?? []),
        values(token.features),
        `token ${position}, ${unit}`,
      );
    }
  }
}
