// What a scan says of one feature and of all of them, in the types that cross the worker.

import { defined } from "../lib/defined.ts";
import type {
  FeatureScan,
  Example,
  ScanProvenance,
  ScanSummary,
  StrengthInterval,
} from "../lib/scan.ts";
import type { Histogram, Metrics } from "../lib/report.ts";
import { FIRST_STRATUM, type Firing, SAMPLE, TOP } from "./examples.ts";
import { BINS, INTERVALS, STRATA } from "./settings.ts";
import type { ScanState } from "./state.ts";
import type { StateHead } from "./stored.ts";

/** The vocabulary piece of a token id. */
export type Piece = (id: number) => string;

export function featureScan(
  state: ScanState,
  index: number,
  provenance: ScanProvenance,
  piece: Piece,
): FeatureScan {
  const count = defined(state.count[index]);
  const examples = (group: number): Example[] =>
    state.examples.of(index, group).map((firing) => example(state, firing, piece));
  const strata = Array.from({ length: STRATA }, (_, i) => examples(FIRST_STRATUM + i)).flat();
  const histogram = strengths(state, index);
  return {
    schema: "facet.featurescan/1",
    ...provenance,
    index,
    count,
    density: state.tokens === 0 ? 0 : count / state.tokens,
    rateBound: count === 0 && state.tokens > 0 ? 3 / state.tokens : null,
    sum: defined(state.sum[index]),
    sumSquares: defined(state.sumSquares[index]),
    max: defined(state.max[index]),
    histogram,
    top: examples(TOP).toSorted(strongest),
    intervals: intervals(histogram, defined(state.max[index]), strata.toSorted(strongest)),
    sample: examples(SAMPLE).toSorted(strongest),
  };
}

/** @param metrics Verify's, made of `state.sums`; null where they were not asked for. */
export function scanSummary(
  state: ScanState,
  provenance: ScanProvenance,
  metrics: Metrics | null,
): Omit<ScanSummary, "id"> {
  return {
    schema: "facet.scan/1",
    ...provenance,
    count: state.count.slice(),
    sum: state.sum.slice(),
    sumSquares: state.sumSquares.slice(),
    max: state.max.slice(),
    l0: [...state.l0.subarray(0, state.l0.findLastIndex((tokens) => tokens > 0) + 1)],
    byPosition: {
      tokens: [...state.tokensAt],
      l0: [...state.l0At],
      squaredError: [...state.squaredErrorAt],
    },
    metrics,
  };
}

/** What a scan adds to the provenance of a report. */
export function scanProvenance(
  head: StateHead,
): Pick<ScanProvenance, "tokens" | "contexts" | "contextSize" | "sources" | "finished"> {
  return {
    tokens: head.tokens,
    contexts: head.contexts,
    contextSize: head.plan.subject.contextSize,
    sources: head.sources.map(({ name, ranges, withoutText }) => ({
      name,
      documents: ranges.reduce((sum, [first, end]) => sum + end - first, 0),
      ...(withoutText !== undefined && { withoutText }),
    })),
    finished: head.finished,
  };
}

const strongest = (a: Example, b: Example): number =>
  b.value - a.value || a.document - b.document || a.position - b.position;

function example(state: ScanState, firing: Firing, piece: Piece): Example {
  return {
    source: state.sources.name(firing.source),
    document: firing.document,
    position: firing.position,
    value: firing.value,
    peak: firing.peak,
    ids: [...firing.ids],
    tokens: Array.from(firing.ids, piece),
    activations: [...firing.activations],
  };
}

function strengths({ count, strengths: { bins, exponent } }: ScanState, index: number): Histogram {
  if (defined(count[index]) === 0) return { edges: [], counts: [] };
  const end = 2 ** defined(exponent[index]);
  return {
    edges: Array.from({ length: BINS + 1 }, (_, i) => (i * end) / BINS),
    counts: [...bins.subarray(index * BINS, (index + 1) * BINS)],
  };
}

/** linspace(0, max, n + 1), strongest first. */
function intervals(
  histogram: Histogram,
  max: number,
  examples: readonly Example[],
): StrengthInterval[] {
  if (histogram.counts.length === 0) return [];
  const total = below(histogram, max, Infinity);
  return Array.from({ length: INTERVALS }, (_, i) => {
    const number = INTERVALS - 1 - i;
    const [from, to] = [(number * max) / INTERVALS, ((number + 1) * max) / INTERVALS];
    const inside = below(histogram, max, to) - below(histogram, max, from);
    const isLast = number === INTERVALS - 1;
    return {
      from,
      to,
      share: total === 0 ? 0 : inside / total,
      passages: examples.filter(({ value }) => value >= from && (value < to || isLast)),
    };
  });
}

/** Firings under a strength, taking those of a bin as spread evenly over it, up to the maximum. */
function below({ edges, counts }: Histogram, max: number, strength: number): number {
  return counts.reduce((sum, count, i) => {
    const from = defined(edges[i]);
    const to = Math.min(max, defined(edges[i + 1]));
    if (strength >= to) return sum + count;
    return strength > from ? sum + (count * (strength - from)) / (to - from) : sum;
  }, 0);
}
