// What is known of all features at once, as it crosses the worker: what each adds to a token's logit, which decoder
// rows are alike. Reports on one feature or one text are in report.ts.

import type { Provenance } from "./report.ts";

/** An entry of the vocabulary. */
export interface VocabularyToken {
  id: number;
  /** The piece as stored: "▁Paris". */
  token: string;
}

/** The logit lens from its other end: one token, every feature. */
export interface TokenLogits extends Provenance, VocabularyToken {
  schema: "facet.promoters/1";
  /**
   * What a unit of each feature's direction adds to the token's logit, [d_sae]: Ŵ_dec,i · E[id]; NaN of one without a
   * direction.
   */
  withoutNorm: Float32Array;
  /** The same through the final norm's weight: Ŵ_dec,i · ((1 + w_final) ⊙ E[id]). */
  withNorm: Float32Array;
}

/** The decoder rows that point most nearly the same way, of every feature. */
export interface NearestRows extends Provenance {
  schema: "facet.nearest/1";
  /** Neighbours of a feature; fewer than asked where the SAE is that small. */
  k: number;
  /**
   * [d_sae, k], highest cosine first, itself left out. A row of norm 0 has no direction and is nobody's neighbour: where
   * a feature has fewer than k, its own number and NaN fill the rest.
   */
  index: Uint32Array;
  cosine: Float32Array;
}
