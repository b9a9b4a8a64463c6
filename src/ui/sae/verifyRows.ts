// Lays the measured metrics beside the published ones. Pure; the table draws the rows.

import type { MetricName, Published, Verification } from "../../lib/report.ts";
import { METRIC_NAMES } from "../../lib/report.ts";

export interface MetricFacts {
  readonly label: string;
  /** What it is, in one line. */
  readonly note: string;
  readonly unit: string;
}

export const METRIC_FACTS: Readonly<Record<MetricName, MetricFacts>> = {
  l0: { label: "L0", unit: "features", note: "features that fire on a token, mean" },
  ceClean: { label: "CE, clean", unit: "nats", note: "the model's own loss on the next token" },
  ceSae: {
    label: "CE, SAE spliced in",
    unit: "nats",
    note: "loss with x̂ in place of x at masked-in positions",
  },
  ceZero: {
    label: "CE, zeroed",
    unit: "nats",
    note: "loss with the residual zeroed everywhere; ln V for Gemma",
  },
  ceScore: {
    label: "CE score",
    unit: "",
    note: "share of the loss recovered: (zero − SAE) / (zero − clean)",
  },
  explainedVariance: {
    label: "Explained variance",
    unit: "",
    note: "1 − E‖x − x̂‖² / (E‖x‖² − ‖E x‖²); SAELens from 6.45.1",
  },
  explainedVarianceLegacy: {
    label: "Explained variance, legacy",
    unit: "",
    note: "mean over tokens of 1 − ‖x − x̂‖² / ‖x − μ‖²; SAELens before 5.8, and its table of releases",
  },
  mse: { label: "MSE", unit: "", note: "E‖x − x̂‖², summed over d_in" },
  cosine: { label: "Cosine", unit: "", note: "between x and x̂, mean" },
  l2Ratio: { label: "L2 ratio", unit: "", note: "‖x̂‖ / ‖x‖, mean" },
  relativeReconstructionBias: {
    label: "Reconstruction bias",
    unit: "",
    note: "E‖x̂‖² / E[x·x̂]; 1 is unbiased",
  },
  kl: {
    label: "KL",
    unit: "nats",
    note: "KL(clean ‖ spliced) of the next-token distribution, mean",
  },
  klZero: { label: "KL, zeroed", unit: "nats", note: "the same with the residual zeroed" },
  klScore: { label: "KL score", unit: "", note: "(zero − spliced) / zero" },
};

const ORDER = Object.keys(METRIC_FACTS) as MetricName[];

export interface VerifyRow {
  readonly metric: MetricName;
  readonly text: number | null;
  readonly corpus: number | null;
  readonly published: number | null;
  readonly source: string | null;
  /** corpus − published; null where they were not measured on the same documents and mask. */
  readonly difference: number | null;
}

export type CorpusScope = "sample" | "corpus" | "other";

export function scopeOf(
  documents: number | undefined,
  corpus: { documents: number; sampleDocuments: number } | null,
): CorpusScope {
  if (corpus === null) return "other";
  if (documents === undefined || documents === corpus.documents) return "corpus";
  return documents === corpus.sampleDocuments ? "sample" : "other";
}

/** The published number that a run over `scope` with `mask` can be held against. */
function comparable(
  published: readonly Published[],
  metric: string,
  mask: string,
  scope: CorpusScope,
): Published | null {
  const fits = (entry: Published): boolean =>
    entry.metric === metric &&
    (entry.mask === undefined || entry.mask === mask) &&
    (entry.scope === undefined || entry.scope === scope);
  return published.find(fits) ?? null;
}

export function verifyRows(
  text: Verification | null,
  corpus: Verification | null,
  published: readonly Published[],
  mask: Verification["mask"],
  scope: CorpusScope,
): VerifyRow[] {
  return ORDER.map((metric) => {
    const measured = corpus?.metrics[metric] ?? null;
    const found = comparable(published, metric, corpus?.mask ?? mask, scope);
    const difference = measured === null || found === null ? null : measured - found.value;
    return {
      metric,
      text: text?.metrics[metric] ?? null,
      corpus: measured,
      published: found?.value ?? null,
      source: found?.source ?? null,
      difference,
    };
  });
}

/** Where the published numbers on show come from. */
export function publishedNote(published: readonly Published[], rows: readonly VerifyRow[]): string {
  if (published.length === 0) return "no numbers come with this SAE.";
  const sources = new Set(rows.flatMap((row) => row.source ?? []));
  if (sources.size === 0) return "no number was measured on the same documents and mask.";
  return `${[...sources].join("; ")}.`;
}

/** Stand beside the map of features. */
const ON_THE_MAP = ["deadFeatures", "silentInCorpus"];

/** Published numbers under names that are none of ours: shown as they stand, compared with nothing. */
export function otherPublished(published: readonly Published[]): Published[] {
  const known: ReadonlySet<string> = new Set([...METRIC_NAMES, ...ON_THE_MAP]);
  return published.filter((entry) => !known.has(entry.metric));
}
