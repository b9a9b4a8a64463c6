// Published facts to check a real run against (docs/maths.md §7). Data only; selfCheck.ts runs them.

import type { GeluKind } from "../../lib/report.ts";

export interface Facts {
  /** What the tokenizer must give, BOS included. */
  readonly tokens: {
    readonly text: string;
    readonly ids: readonly number[];
    readonly source: string;
  };
  /** The strongest features of each token of that text, raw, strongest first. */
  readonly activations: {
    readonly perToken: readonly (readonly { index: number; raw: number }[])[];
    /** The function they were computed with; the other one is shown beside it. */
    readonly activation: GeluKind;
    /** Of the value. */
    readonly tolerance: number;
    readonly source: string;
  };
  /** Metrics over one text, BOS left out. */
  readonly passage: {
    readonly text: string;
    readonly l0: Fact;
    readonly explainedVarianceLegacy: Fact;
    /** Mean ‖x‖ at the hook. */
    readonly norm: Fact;
  };
  /** Losses from the model card; their score must follow from this model's ceZero. */
  readonly card: { readonly ceClean: number; readonly ceSae: number; readonly ceScore: Fact };
}

interface Fact {
  readonly value: number;
  /** Absolute. */
  readonly tolerance: number;
  readonly source: string;
}

export const GEMMA_2B_LAYER_6 = "gemma_2b_blocks.6.hook_resid_post_16384_anthropic_fast_lr";

const TUTORIAL = "SAELens' tutorial (TransformerLens, MPS)";
const TABLE = "SAELens' table of pretrained SAEs, on the text of its own test";
const CARD = "model card of the SAE's repo";

export const GEMMA_2B_LAYER_6_FACTS: Facts = {
  tokens: {
    text: " The Golden Gate Bridge",
    ids: [2, 714, 17489, 22352, 16125],
    source: TUTORIAL,
  },
  activations: {
    activation: "erf",
    tolerance: 0.02,
    source: TUTORIAL,
    perToken: [
      [
        { index: 3390, raw: 72.5067 },
        { index: 15881, raw: 70.9109 },
        { index: 5347, raw: 68.8217 },
      ],
      [
        { index: 6518, raw: 37.8954 },
        { index: 13743, raw: 31.1813 },
        { index: 1959, raw: 15.6114 },
      ],
      [
        { index: 1571, raw: 65.9133 },
        { index: 12529, raw: 14.2098 },
        { index: 15173, raw: 13.3081 },
      ],
      [
        { index: 12773, raw: 22.8078 },
        { index: 10200, raw: 21.734 },
        { index: 15173, raw: 17.3972 },
      ],
      [
        { index: 5192, raw: 43.648 },
        { index: 15173, raw: 12.6739 },
        { index: 12030, raw: 10.7545 },
      ],
    ],
  },
  passage: {
    text: "\nMr. and Mrs. Dursley, of number four, Privet Drive, were proud to say\nthat they were perfectly normal, thank you very much. They were the last\npeople you'd expect to be involved in anything strange or mysterious,\nbecause they just didn't hold with such nonsense.\n",
    l0: { value: 56, tolerance: 5, source: TABLE },
    explainedVarianceLegacy: { value: 0.71, tolerance: 0.1, source: TABLE },
    norm: {
      value: 144.7,
      tolerance: 15,
      source: "measured on other text; the same order is expected",
    },
  },
  card: {
    ceClean: 2.647,
    ceSae: 3.103,
    ceScore: { value: 0.9533, tolerance: 0.0005, source: CARD },
  },
};
