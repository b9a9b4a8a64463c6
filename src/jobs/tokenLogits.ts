// Job: the logit of one token for every feature: the logit lens read from its other end. One row of the unembedding
// against the decoder, where a lens is one row of the decoder against the unembedding.

import { defined } from "../lib/defined.ts";
import { FacetError } from "../lib/errors.ts";
import type { TokenLogits, VocabularyToken } from "../lib/explore.ts";
import type { JobOptions } from "../lib/progress.ts";
import { withScope } from "../lib/scope.ts";
import { onSession } from "./job.ts";
import { encode, isSpecial, pieceOf } from "../session/input.ts";
import { readProduct } from "../session/passes/logits.ts";
import { provenance, type Session } from "../session/session.ts";

/** Characters of a text that is looked up; a token is rarely longer than this. */
const MOST_CHARACTERS = 256;

/** The tokens that a short text is made of, specials left out. */
export const vocabularyTokens = onSession(
  "looking up tokens",
  async ({ model }, [text]: [string]): Promise<VocabularyToken[]> =>
    encode(model, text.slice(0, MOST_CHARACTERS), false)
      .filter((id) => !isSpecial(model, id))
      .map((id) => ({ id, token: pieceOf(model, id) })),
);

/** What each feature's direction adds to the logit of the token of this id. */
export const tokenLogits = onSession(
  "looking for features by the logit of a token",
  (session, [id]: [id: number], options) => logitsOf(session, id, options),
  ({ withNorm, withoutNorm }) => [withNorm.buffer, withoutNorm.buffer],
);

async function logitsOf(session: Session, id: number, options: JobOptions): Promise<TokenLogits> {
  const { backend, model, sae } = session;
  const { vocab } = model.gemma.config;
  if (!Number.isInteger(id) || id < 0 || id >= vocab) {
    throw new FacetError(
      "NoSuchToken",
      `Looking for features by the logit of token ${id}: this model's tokens are numbered from 0 to ${vocab - 1}.`,
    );
  }
  const { weights } = model.gemma;
  const w = await weights.finalNormWeight(options);
  const products = await withScope(async (own) => {
    const row = own(await weights.unembeddingRows(Uint32Array.of(id), options));
    const scaled = (await backend.read(row)).map((value, j) => value * (1 + defined(w[j])));
    const both = own(backend.concatRows([row, own(backend.tensor(scaled, 1, row.cols))]));
    return readProduct(backend, both, sae.sae.decoder.W_dec);
  });
  const { dSae } = sae.sae.config;
  /** Of unit directions. */
  const perUnit = (from: number): Float32Array =>
    products.slice(from, from + dSae).map((value, i) => value * (sae.sae.inverseNorm(i) ?? NaN));
  return {
    schema: "facet.promoters/1",
    ...provenance(session),
    id,
    token: pieceOf(model, id),
    withoutNorm: perUnit(0),
    withNorm: perUnit(dSae),
  };
}
