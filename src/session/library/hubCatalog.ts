// What the catalogue knows of models and SAEs on the Hugging Face Hub: where they are, what their authors published,
// and the one scale that stands in no file. Facts only; nothing is fetched here.

import type { CatalogModel, CatalogSae, Published } from "../../lib/report.ts";

const TABLE = "SAELens' table of pretrained SAEs";
const CARD = "model card of the SAE's repo";

export const HUB_MODELS: readonly CatalogModel[] = [
  {
    key: "gemma-2b",
    name: "Gemma 2B",
    source: "google/gemma-2b",
    bytes: 5_012_344_832,
    gated: true,
  },
  {
    key: "gemma-2b-it",
    name: "Gemma 2B Instruct",
    source: "google/gemma-2b-it",
    bytes: 5_012_344_832,
    gated: true,
  },
];

/** Published of an SAE: metric → value in SAELens' table, and on its model card. */
interface Known {
  readonly model: "gemma-2b" | "gemma-2b-it";
  readonly layer: number;
  /** What follows the hook and d_sae in the folder's name. */
  readonly suffix: string;
  readonly table: Record<string, number>;
  readonly card: Record<string, number>;
  /** s of expected_average_only_in. */
  readonly normScalingFactor?: number;
}

const D_SAE = 16384;

const KNOWN: readonly Known[] = [
  {
    model: "gemma-2b",
    layer: 0,
    suffix: "_anthropic",
    table: { l0: 47, explainedVarianceLegacy: 0.999 },
    card: { ceClean: 2.647, ceSae: 2.732, ceScore: 0.991, l0: 54, deadFeatures: 2500 },
  },
  {
    model: "gemma-2b",
    layer: 6,
    suffix: "_anthropic_fast_lr",
    table: { l0: 56, explainedVarianceLegacy: 0.71 },
    card: { ceClean: 2.647, ceSae: 3.103, ceScore: 0.9533, l0: 53, deadFeatures: 7000 },
  },
  {
    model: "gemma-2b",
    layer: 10,
    suffix: "",
    table: { l0: 62, explainedVarianceLegacy: -0.2 },
    card: {},
  },
  {
    model: "gemma-2b",
    layer: 12,
    suffix: "",
    table: { l0: 62, explainedVarianceLegacy: -0.65 },
    card: {},
    normScalingFactor: 0.21381938399317255,
  },
  {
    model: "gemma-2b",
    layer: 17,
    suffix: "",
    table: { l0: 54, explainedVarianceLegacy: -0.85 },
    card: {},
  },
  {
    model: "gemma-2b-it",
    layer: 12,
    suffix: "",
    table: { l0: 61, explainedVarianceLegacy: 0.57 },
    card: { ceScore: 0.9813, l0: 58, deadFeatures: 500 },
  },
];

const REPOS = {
  "gemma-2b": { repo: "jbloom/Gemma-2b-Residual-Stream-SAEs", prefix: "gemma_2b" },
  "gemma-2b-it": { repo: "jbloom/Gemma-2b-IT-Residual-Stream-SAEs", prefix: "gemma_2b_it" },
} as const;

export interface HubSae extends CatalogSae {
  readonly normScalingFactor: number | null;
  readonly neuronpediaId: string;
}

export const HUB_SAES: readonly HubSae[] = KNOWN.map((known) => {
  const { repo, prefix } = REPOS[known.model];
  const hook = `blocks.${known.layer}.hook_resid_post`;
  return {
    key: hook,
    model: known.model,
    hook,
    source: repo,
    folder: `${prefix}_${hook}_${D_SAE}${known.suffix}`,
    dSae: D_SAE,
    published: [...published(known.table, TABLE), ...published(known.card, CARD)],
    normScalingFactor: known.normScalingFactor ?? null,
    neuronpediaId: `${known.model}/${known.layer}-res-jb`,
  };
});

function published(values: Record<string, number>, source: string): Published[] {
  return Object.entries(values).map(([metric, value]) => ({ metric, value, source }));
}
