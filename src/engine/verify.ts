// Job: can the SAE be trusted? Reconstruction, loss and KL on a text, or summed over a corpus.

import { LegacyExplainedVariance } from "../analysis/reconstruction.ts";
import { throwIfCancelled } from "../lib/errors.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { Mask, Published, Text, Verification } from "../lib/report.ts";
import { contextsOf } from "./contexts.ts";
import { prepareInput } from "./input.ts";
import { provenance, type Session } from "./session.ts";
import { measure, type Measured, VerifySums } from "./verifySums.ts";

export async function verify(
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
export async function verifyCorpus(
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
