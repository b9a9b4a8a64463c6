// Scans for tests: random corpora with random features, and a scan's content in an order of its own, for comparison.

import fc from "fast-check";
import type { ScanBatch } from "../../src/scan/batch.ts";
import { GROUPS } from "../../src/scan/examples.ts";
import {
  DEFAULT_SETTINGS,
  SCAN_VERSION,
  type ScanPlan,
  type ScanSettings,
} from "../../src/scan/settings.ts";
import { ScanState } from "../../src/scan/state.ts";

export function testPlan(
  dSae: number,
  settings: Partial<ScanSettings> = {},
  contextSize = 9,
): ScanPlan {
  return {
    version: SCAN_VERSION,
    subject: {
      model: { source: "m", revision: "1", precision: "f32", activation: "tanh" },
      sae: { source: "s", revision: "2", folder: "f", hook: "blocks.0.hook_resid_post", dSae },
      contextSize,
    },
    settings: { ...DEFAULT_SETTINGS, ...settings },
  };
}

/** One context with its own features: what batches are laid together from. */
export interface TestContext {
  readonly source: string;
  readonly document: number;
  readonly start: number;
  /** BOS first. */
  readonly ids: readonly number[];
  /** Of each token: strengths by feature, BOS included. */
  readonly rows: readonly ReadonlyMap<number, number>[];
  readonly squaredError: readonly number[];
}

/** Documents in contexts of 9, of two sources; strengths over many powers of two, some equal. */
export const arbitraryCorpus = (dSae: number): fc.Arbitrary<TestContext[]> =>
  fc
    .array(fc.record({ tokens: fc.integer({ min: 1, max: 20 }), seed: fc.nat() }), {
      minLength: 1,
      maxLength: 12,
    })
    .map((documents) =>
      documents.flatMap(({ tokens, seed }, n) => {
        const random = randomOf(seed);
        const place = { source: n % 3 === 0 ? "b.txt" : "a.jsonl", document: Math.floor(n / 3) };
        const document = n % 3 === 0 ? place.document : n;
        return Array.from({ length: Math.ceil(tokens / 8) }, (_, run) => {
          const length = Math.min(8, tokens - run * 8) + 1;
          return {
            ...place,
            document,
            start: run * 8,
            ids: Array.from({ length }, (__, t) => (t === 0 ? 2 : 10 + Math.floor(random() * 90))),
            rows: Array.from({ length }, () => randomRow(dSae, random)),
            squaredError: Array.from({ length }, () => Math.fround(random())),
          };
        });
      }),
    );

function randomRow(dSae: number, random: () => number): Map<number, number> {
  const row = new Map<number, number>();
  for (let feature = 0; feature < dSae; feature++) {
    // The last feature is dead, the others from rare to frequent.
    if (random() < (dSae - 1 - feature) / dSae)
      row.set(feature, Math.fround(Math.ceil(random() * 8) * 2 ** Math.floor(random() * 6 - 3)));
  }
  return row;
}

/** mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function batchOf(contexts: readonly TestContext[]): ScanBatch {
  const rows = contexts.flatMap((context) => context.rows);
  const rowStart = new Uint32Array(rows.length + 1);
  rows.forEach((row, t) => (rowStart[t + 1] = (rowStart[t] ?? 0) + row.size));
  return {
    contexts: contexts.map(({ source, document, start, ids }) => ({
      source,
      document,
      start,
      length: ids.length,
    })),
    ids: Uint32Array.from(contexts.flatMap(({ ids }) => ids)),
    features: {
      rowStart,
      index: Uint32Array.from(rows.flatMap((row) => [...row.keys()])),
      value: Float32Array.from(rows.flatMap((row) => [...row.values()])),
    },
    squaredError: Float32Array.from(contexts.flatMap(({ squaredError }) => squaredError)),
  };
}

/** Contexts scanned in batches of so many. */
export function scanOf(
  plan: ScanPlan,
  contexts: readonly TestContext[],
  batch = Math.max(1, contexts.length),
  fold = new Float64Array(plan.subject.sae.dSae).fill(1),
): ScanState {
  const state = new ScanState(plan);
  for (let i = 0; i < contexts.length; i += batch)
    state.add(batchOf(contexts.slice(i, i + batch)), fold);
  state.sums.fill(contexts.length);
  return state;
}

/** All that must be equal whatever the order: everything but the floating-point sums, which `sums` gives. */
export function content(state: ScanState): unknown {
  const features = Array.from(state.count, (count, feature) => ({
    count,
    max: state.max[feature],
    // Of no meaning where nothing fired.
    exponent: count === 0 ? null : state.strengths.exponent[feature],
    bins: [...state.strengths.bins.subarray(feature * 50, (feature + 1) * 50)],
    sketch: [...state.sketches.of(feature)].toSorted((a, b) => a - b),
    groups: Array.from({ length: GROUPS }, (_, group) =>
      state.examples
        .of(feature, group)
        .map((firing) => ({
          ...firing,
          source: state.sources.name(firing.source),
          ids: [...firing.ids],
          activations: [...firing.activations],
        }))
        .toSorted((a, b) => b.value - a.value || a.hash - b.hash),
    ),
  }));
  return {
    features,
    tokens: state.tokens,
    contexts: state.contexts,
    sources: state.sources.list(),
    l0: [...state.l0],
    tokensAt: [...state.tokensAt],
    l0At: [...state.l0At],
  };
}

export const sums = (state: ScanState): number[] => [
  ...state.sum,
  ...state.sumSquares,
  ...state.squaredErrorAt,
  ...state.sums,
];
