// Job: two SAEs, or one SAE under two settings, on the same text. One after the other, then their features are matched
// by the cosine of decoder rows.

import { FacetError } from "../lib/errors.ts";
import type { JobOptions } from "../lib/progress.ts";
import {
  type Analysis,
  type ComparedSide,
  type Comparison,
  type FeatureMatch,
  type Mask,
  MATCHED_FEATURES,
  type OpenRequest,
  type Text,
} from "../lib/report.ts";
import type { Sae } from "../sae/sae.ts";
import { activationsOf } from "../lib/tokenRows.ts";
import { analyzeText } from "./analyze.ts";
import { onSession } from "./job.ts";
import { readProduct } from "../session/passes/logits.ts";
import { beginsWithBos, type BesideSession, saeRun, type Session } from "../session/session.ts";
import { verifyText } from "./verify.ts";

/** The open SAE and another on the same text; `loss` reads the whole model. The other stays open beside it. */
export const compare = {
  ...onSession(
    "comparing two SAEs",
    async (
      session,
      [request, text, how]: [OpenRequest, Text, { mask: Mask; loss: boolean }],
      options,
      { beside },
    ) => compareOn(session, await beside(request, options), text, how, options),
  ),
  packing: "comparison" as const,
};

export async function compareOn(
  first: Session,
  { session: second, bytes }: BesideSession,
  text: Text,
  { mask, loss }: { mask: Mask; loss: boolean },
  options: JobOptions,
): Promise<Comparison> {
  const side = async (session: Session): Promise<ComparedSide> => ({
    analysis: await analyzeText(session, text, mask, options),
    verification: loss ? await verifyText(session, text, mask, options) : null,
    saeRun: saeRun(session),
  });
  if (typeof text === "string") assertSameBos(first, second);
  const a = await side(first);
  const b = await side(second);
  assertSameTokens(a.analysis, b.analysis);
  return {
    schema: "facet.comparison/1",
    mask,
    sides: [a, b],
    matches: [
      await matches(first, second, strongest(a.analysis), options),
      await matches(second, first, strongest(b.analysis), options),
    ],
    bytesBeside: bytes,
  };
}

function assertSameBos(first: Session, second: Session): void {
  if (beginsWithBos(first) === beginsWithBos(second)) return;
  throw new FacetError(
    "Mismatch",
    "Comparing two SAEs: one runs texts with BOS, the other without (prepend_bos in their cfg.json). Compare them on token ids, which run as given.",
  );
}

/** Position by position is only compared what read the same tokens. */
function assertSameTokens({ tokens: a }: Analysis, { tokens: b }: Analysis): void {
  if (a.length === b.length && a.every(({ id }, t) => id === b[t]?.id)) return;
  throw new FacetError(
    "Mismatch",
    "Comparing two SAEs: their models cut this text into different tokens. Choose two of the same model.",
  );
}

/** By summed folded activation over ordinary tokens; equal ones by number. */
function strongest({ tokens }: Analysis): number[] {
  const activations = activationsOf(tokens);
  const ordinary = tokens.map(({ special }) => !special);
  return [...activations.features]
    .flatMap((feature) => {
      const tally = activations.tally(feature, "folded", ordinary);
      return tally ? [{ feature, sum: tally.sum }] : [];
    })
    .toSorted((a, b) => b.sum - a.sum || a.feature - b.feature)
    .slice(0, MATCHED_FEATURES)
    .map(({ feature }) => feature);
}

/** Rows at a time: a tile of products [ROWS, d_sae] is 4 MiB at 16,384 features. */
const ROWS = 64;

/** For each of the features of `from` the row of `to`'s decoder with the largest cosine; equal ones by number. */
async function matches(
  from: Session,
  to: Session,
  features: readonly number[],
  options: JobOptions,
): Promise<FeatureMatch[]> {
  const { backend } = from;
  const { dSae } = to.sae.sae.config;
  const found: FeatureMatch[] = [];
  for (let start = 0; start < features.length; start += ROWS) {
    await backend.checkpoint(options.signal);
    const tile = features.slice(start, start + ROWS);
    const rows = backend.gather(from.sae.sae.decoder.W_dec, Uint32Array.from(tile), 1);
    try {
      // [tile, d_sae of `to`]
      const products = await readProduct(backend, rows, to.sae.sae.decoder.W_dec);
      tile.forEach((feature, i) => {
        const own = products.subarray(i * dSae, (i + 1) * dSae);
        found.push({ feature, ...nearest(own, from.sae.sae.inverseNorm(feature), to.sae.sae) });
      });
    } finally {
      rows.dispose();
    }
  }
  return found;
}

/** @param inverse 1/‖·‖ of the row that was multiplied with all of `to`; null: it has no direction. */
function nearest(
  products: Float32Array,
  inverse: number | null,
  to: Sae,
): Omit<FeatureMatch, "feature"> {
  let match: number | null = null;
  let cosine: number | null = null;
  products.forEach((value, i) => {
    const found = value * (inverse ?? NaN) * (to.inverseNorm(i) ?? NaN);
    if (found > (cosine ?? -Infinity)) [match, cosine] = [i, found];
  });
  return { match, cosine };
}
