// What every backend must find when it scans the bundled corpus: the scan goldens, conventions in public/demo/README.md.

import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { Backend } from "../../src/backend/backend.ts";
import { readSafetensorsHeader } from "../../src/formats/safetensors.ts";
import { memorySource } from "../../src/lib/byteSource.ts";
import type { BackendName } from "../../src/lib/report.ts";
import type { ScanSummary } from "../../src/lib/scan.ts";
import { within } from "./agree.ts";
import { demoCard, engineOn } from "./engineSuite.ts";
import { repository } from "./nodeFiles.ts";

export const DEMO_SAES: readonly string[] = demoCard().saes.map(({ id }) => id);

interface ScanGolden {
  readonly count: number[];
  readonly sum: number[];
  readonly max: number[];
  /** Index = L0. */
  readonly l0: number[];
}

export async function scanGolden(sae: string): Promise<ScanGolden> {
  const bytes = readFileSync(repository(`tests/fixtures/demo/scan.${sae}.safetensors`));
  const { tensors } = await readSafetensorsHeader(memorySource(sae, bytes));
  const numbers = (name: string): number[] => {
    const info = tensors.get(name);
    if (!info) throw new Error(`The golden of ${sae} has no ${name}.`);
    const data = bytes.buffer.slice(bytes.byteOffset + info.start, bytes.byteOffset + info.end);
    return info.dtype === "I64"
      ? Array.from(new BigInt64Array(data), Number)
      : [...new Float64Array(data)];
  };
  return {
    count: numbers("count"),
    sum: numbers("sum_folded"),
    max: numbers("max_folded"),
    l0: numbers("l0_histogram"),
  };
}

/** Counts within max(2, 1e-4 of the count), sums and maxima within 1e-3, the L0 histogram within 0.1 % of the tokens. */
export async function expectScanGolden(found: ScanSummary, sae: string): Promise<void> {
  const wanted = await scanGolden(sae);
  const tokens = wanted.l0.reduce((sum, count) => sum + count, 0);
  expect(found.tokens).toBe(tokens);
  const differing = (what: string, test: (i: number) => boolean, length: number): void => {
    const bad = Array.from({ length }, (_, i) => i).filter((i) => !test(i));
    expect(bad, `${sae}: ${what}`).toEqual([]);
  };
  const { count, sum, max } = wanted;
  const features = count.length;
  const at = (values: ArrayLike<number>, i: number): number => values[i] ?? NaN;
  expect(found.count.length).toBe(features);
  differing("count", (i) => within(at(found.count, i), at(count, i), 1e-4, 2), features);
  differing("sum", (i) => within(at(found.sum, i), at(sum, i), 1e-3, 1e-3), features);
  differing("max", (i) => within(at(found.max, i), at(max, i), 1e-3, 1e-3), features);
  const l0 = Math.max(wanted.l0.length, found.l0.length);
  const moved = Array.from({ length: l0 }, (_, i) =>
    Math.abs((found.l0[i] ?? 0) - (wanted.l0[i] ?? 0)),
  );
  const off = moved.reduce((total, difference) => total + difference, 0) / 2;
  expect(off, `${sae}: tokens whose L0 differs`).toBeLessThanOrEqual(tokens / 1000);
}

/** The scan of the bundled corpus, or of its first documents, on a backend. */
export async function scanDemo(
  name: BackendName,
  start: () => Promise<Backend>,
  sae: string,
  documents?: number,
): Promise<ScanSummary> {
  const engine = engineOn(name, start);
  await engine.open({ model: "demo", sae });
  return engine.scans.run({
    corpus: { kind: "bundled" },
    ...(documents !== undefined && { documents }),
  });
}
