// Job: which features promote a token: the logit lens read from its other end. One row of the embedding against the
// decoder, where a lens is one row of the decoder against the embedding.

import { FacetError } from "../lib/errors.ts";
import type { Promoters, VocabularyToken } from "../lib/explore.ts";
import type { JobOptions } from "../lib/progress.ts";
import { withScope } from "../lib/scope.ts";
import { encode, isSpecial, pieceOf } from "./input.ts";
import { readProduct } from "./logits.ts";
import { provenance, type Session } from "./session.ts";

/** Characters of a text that is looked up; a token is rarely longer than this. */
const MOST_CHARACTERS = 256;

/** The tokens that a short text is made of, specials left out. */
export function vocabularyTokens({ model }: Session, text: string): VocabularyToken[] {
  return encode(model, text.slice(0, MOST_CHARACTERS), false)
    .filter((id) => !isSpecial(model, id))
    .map((id) => ({ id, token: pieceOf(model, id) }));
}

export async function promoters(
  session: Session,
  id: number,
  options: JobOptions,
): Promise<Promoters> {
  const { backend, model, sae } = session;
  const { vocab } = model.gemma.config;
  if (!Number.isInteger(id) || id < 0 || id >= vocab) {
    throw new FacetError(
      "NoSuchToken",
      `Looking for features that promote token ${id}: this model's tokens are numbered from 0 to ${vocab - 1}.`,
    );
  }
  const { weights } = model.gemma;
  const w = await weights.finalNormWeight(options);
  const products = await withScope(async (own) => {
    const row = own(await weights.embed(Uint32Array.of(id), 1, options));
    const scaled = (await backend.read(row)).map((value, j) => value * (1 + (w[j] ?? 0)));
    const both = own(backend.concatRows([row, own(backend.tensor(scaled, 1, row.cols))]));
    return readProduct(backend, both, sae.sae.decoder.W_dec);
  });
  const { dSae } = sae.sae.config;
  /** Of unit directions; a row of norm 0 promotes nothing. */
  const perUnit = (from: number): Float32Array =>
    products.slice(from, from + dSae).map((value, i) => {
      const norm = sae.sae.rowNorms[i] ?? 0;
      return norm > 0 ? value / norm : 0;
    });
  return {
    schema: "facet.promoters/1",
    ...provenance(session),
    id,
    token: pieceOf(model, id),
    withoutNorm: perUnit(0),
    withNorm: perUnit(dSae),
  };
}
