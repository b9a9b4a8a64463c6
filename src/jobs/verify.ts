// Job: can the SAE be trusted? Reconstruction, loss and KL on a text, or summed over a corpus.

import { LegacyExplainedVariance } from "../analysis/reconstruction.ts";
import { FacetError, throwIfCancelled } from "../lib/errors.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { Mask, Published, Text, Verification } from "../lib/report.ts";
import { checkDocuments, checkMask, checkText, type MaskChoice } from "./checks.ts";
import { onSession } from "./job.ts";
import type { CorpusSource } from "../session/library/library.ts";
import { contextsOf } from "../session/contexts.ts";
import { prepareInput } from "../session/input.ts";
import { provenance, type Session } from "../session/session.ts";
import { measure, type Measured, VerifySums } from "../session/passes/verifySums.ts";

export const verify = onSession(
  "verifying a text",
  (session, [text, how]: [Text, MaskChoice?], options) =>
    verifyText(session, checkText(text), checkMask(how), options),
);

/** Over the first `documents` of the open corpus, or all of it. */
export const verifyCorpus = onSession(
  "verifying the corpus",
  async (session, [how = {}]: [(MaskChoice & { readonly documents?: number })?], options) => {
    const mask = checkMask(how);
    const documents = how.documents === undefined ? undefined : checkDocuments(how.documents);
    const { corpus, name } = session.model.source;
    if (!corpus) {
      throw new FacetError(
        "EntryNotFound",
        `Verifying over a corpus: none is open for ${name}. Verify a text instead.`,
      );
    }
    const texts = await corpus.read(options);
    const published = publishedFor(session, corpus, documents, mask);
    return verifyTexts(session, texts, documents, mask, published, options);
  },
);

/** Numbers published for just these documents and this mask. */
function publishedFor(
  { sae }: Session,
  corpus: CorpusSource,
  documents: number | undefined,
  mask: Mask,
): Published[] {
  const whole = documents === undefined || documents >= corpus.documents;
  const scope = whole ? "corpus" : documents === corpus.sampleDocuments ? "sample" : null;
  return sae.source.published.filter((entry) => entry.scope === scope && entry.mask === mask);
}

export async function verifyText(
  session: Session,
  text: Text,
  mask: Mask,
  options: JobOptions,
): Promise<Verification> {
  const { dIn } = session.sae.sae.config;
  const input = prepareInput(session, text);
  const sums = new VerifySums(dIn, session.model.gemma.config.vocab);
  let legacy: number | null = null;
  let perToken: NonNullable<Verification["perToken"]> = [];
  if (input.ids.length > 0) {
    const batch = { ids: input.ids, contexts: [input.ids.length] };
    const measured = await measure(session, batch, mask, true, options);
    sums.add(measured);
    const variance = new LegacyExplainedVariance(sums.reconstruction.mean());
    variance.add(measured.x, measured.xHat, measured.mask);
    legacy = variance.value();
    perToken = (measured.losses ?? []).flatMap(({ ceClean, ceSae, kl }) =>
      ceClean === null || ceSae === null ? [] : [{ ceClean, ceSae, kl }],
    );
  }
  return {
    schema: "facet.verification/1",
    ...provenance(session),
    mask,
    tokens: input.ids.length,
    metrics: sums.metrics(legacy),
    perToken,
  };
}

/** @param documents how many of the first documents; all of them where it is undefined. */
async function verifyTexts(
  session: Session,
  texts: readonly string[],
  documents: number | undefined,
  mask: Mask,
  published: readonly Published[],
  options: JobOptions,
): Promise<Verification> {
  const { config } = session.sae.sae;
  const chosen = documents === undefined ? texts : texts.slice(0, documents);
  const batches = contextsOf(session, chosen);
  const tokens = batches.reduce((sum, { ids }) => sum + ids.length, 0);
  const sums = new VerifySums(config.dIn, session.model.gemma.config.vocab);
  let done = 0;
  const walk = async (withLoss: boolean, each: (measured: Measured) => void): Promise<void> => {
    for (const batch of batches) {
      throwIfCancelled(options.signal, "verifying the corpus");
      each(await measure(session, batch, mask, withLoss, options));
      done += batch.ids.length;
      options.onProgress?.({ stage: "Verifying", done, total: 2 * tokens, unit: "tokens" });
    }
  };
  await walk(true, (measured) => sums.add(measured));
  // μ is known only now, and no corpus is kept in memory: the legacy formula costs a second pass up to the hook.
  const variance = new LegacyExplainedVariance(sums.reconstruction.mean());
  await walk(false, ({ x, xHat, mask: counted }) => variance.add(x, xHat, counted));
  return {
    schema: "facet.verification/1",
    ...provenance(session),
    mask,
    tokens,
    documents: chosen.length,
    metrics: sums.metrics(variance.value()),
    published: [...published],
  };
}
