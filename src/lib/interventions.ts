// The JSON reports of interventions: what edits of features change, the text continued with them, and which features
// matter for a next token. Field names are fixed; more may be added.

import type { Edit } from "./edits.ts";
import type { FeatureActivation, Mask, Provenance } from "./report.ts";

export interface NextToken {
  id: number;
  token: string;
  probability: number;
}

export interface RankedToken extends NextToken {
  /** 1 for the most likely token. */
  rank: number;
}

/** What the model predicts with one stream at the SAE's hook. */
export interface Prediction {
  /** The 20 most likely next tokens at the report's position. */
  nextTokens: NextToken[];
  /** The token that stands there in the text; null at its end. */
  actual: RankedToken | null;
  /** Mean over masked tokens; null where none counts. */
  ce: number | null;
  /** Entry t predicts token t+1. */
  cePerToken: number[];
}

/** A token among the 20 most likely before, after or spliced, or the text's own next one. */
export interface NextTokenChange {
  id: number;
  token: string;
  before: number;
  after: number;
  /** With x̂ in place of x, without edits. */
  spliced: number;
  /** ln after − ln before. */
  logRatio: number;
  /** Of logRatio against the controls'; null without them, or where they do not vary. */
  z: number | null;
}

/** The same edit along random directions of equal length (seeded); each is run like the edit itself. */
export interface Controls {
  /** Of effect, mean and sd: mean KL(before ‖ after) over masked tokens, in nats. */
  measure: "kl";
  count: number;
  seed: number;
  effect: number | null;
  mean: number | null;
  /** Of the sample (n − 1). */
  sd: number | null;
  /** (effect − mean)/sd; null where the controls do not vary. */
  z: number | null;
  /** The measure of each control. */
  samples: number[];
}

export interface InterventionOptions {
  mask: Mask;
  /** How many random directions the edit is compared with. */
  controls: number;
  seed: number;
  /** Whose next tokens are shown; null: the last. */
  position: number | null;
  /** An SAE of the same model, on the edited hook or behind it, whose features are compared; null: none. */
  downstream?: string | null;
}

/** What edits of features do to the model's predictions. */
export interface Intervention extends Provenance {
  schema: "facet.intervention/1";
  text: string;
  mask: Mask;
  /** Sequence length, BOS included. */
  tokens: number;
  edits: Edit[];
  /** Mean ‖resid_post‖ at the hook over tokens that are not special (over all where every one is): the unit of steering. */
  residualNorm: number;
  /** Whose next tokens are shown: the last one unless another was asked for. */
  position: number;
  before: Prediction;
  after: Prediction;
  /** With x̂ in place of x at masked positions, without edits. */
  spliced: Prediction;
  nextTokens: NextTokenChange[];
  /** KL(before ‖ after) of each position. */
  kl: number[];
  /** CE after − before; entry t predicts token t+1. */
  deltaCe: number[];
  /** null where none were asked for. */
  controls: Controls | null;
  /** null where no SAE was asked for. */
  downstream: Downstream | null;
  truncated: boolean;
}

/** A feature without the edits and with them; 0 where it is silent. */
export interface FeatureChange {
  index: number;
  before: Omit<FeatureActivation, "index">;
  after: Omit<FeatureActivation, "index">;
}

/** What edits change in the features of one token. The largest change of folded strength first. */
export interface RowChanges {
  l0: { before: number; after: number };
  /** Σ |change of folded strength| over all features. */
  size: number;
  /** Silent before, active after. */
  gained: FeatureChange[];
  lost: FeatureChange[];
  /** Active in both: the ten that changed most. */
  changed: FeatureChange[];
}

/** What edits change in the features of an SAE that reads the stream at the edited hook or behind it. */
export interface Downstream extends Provenance {
  schema: "facet.downstream/1";
  text: string;
  /** The edits are of features of `sae`. */
  edits: Edit[];
  /** The SAE that reads. On the edited hook itself only edited tokens differ; behind it, every token from there on. */
  reader: Provenance["sae"];
  /** Each token that differs. */
  tokens: (RowChanges & { position: number; token: string; special: boolean })[];
  truncated: boolean;
}

export interface GenerationOptions {
  /** They hold for generated tokens too, where their positions say so. */
  edits: readonly Edit[];
  maxTokens: number;
  /** 0: always the most likely token. */
  temperature: number;
  /** Only the most likely tokens that together reach this probability are drawn from; 1: all. */
  topP: number;
  /** Of the numbers drawn (mulberry32); the stream without edits and the one with them draw the same ones. */
  seed: number;
}

export interface Continuation {
  /** Probability: the model's own, before temperature and top-p. */
  tokens: NextToken[];
  text: string;
  /** eos is not among the tokens; context: the model holds no more; stopped: by the reader. */
  ended: "eos" | "length" | "context" | "stopped";
}

/** A text continued by the model, and by the model with its features edited. */
export interface Generation extends Provenance, GenerationOptions {
  schema: "facet.generation/1";
  text: string;
  /** Of the text, BOS included. */
  promptTokens: number;
  /** As in an Intervention. */
  residualNorm: number;
  clean: Continuation;
  /** null where there are no edits. */
  edited: Continuation | null;
  truncated: boolean;
}

export interface AttributionOptions {
  /** null: the last. */
  position: number | null;
  /** A token id; null: the text's own next one, at its end the most likely. */
  target: number | null;
}

export interface FeatureAttribution extends FeatureActivation {
  /** ln p(target) of the text less that with the feature ablated here: exact, in nats. Above 0 the feature supports it. */
  ablation: number;
  /** The same of the target's logit. */
  ablationLogit: number;
  /**
   * What the feature's own direction, f·W_dec mapped back to the residual, writes into the target's logit past all later
   * blocks: (1 + w_final) ⊙ direction · E[target], divided by the root mean square of the last residual, which is held
   * fixed at the text's own ("direct logit attribution").
   */
  direct: number;
}

/** Which features of a position matter for a next token. */
export interface Attribution extends Provenance {
  schema: "facet.attribution/1";
  text: string;
  position: number;
  target: RankedToken;
  /** Every active feature of the position, the largest effect of ablation first. */
  features: FeatureAttribution[];
  truncated: boolean;
}
