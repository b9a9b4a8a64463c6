// Job: which features an SAE gains and loses where it reads a stream that edits were made to, at their hook or behind it.

import { defined } from "../lib/defined.ts";
import { type ActiveFeatures, rowChanges } from "../analysis/featureChanges.ts";
import type { SparseRows } from "../backend/backend.ts";
import { checkEdits, type Edit } from "../lib/edits.ts";
import { FacetError } from "../lib/errors.ts";
import type { Downstream } from "../lib/interventions.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { Text } from "../lib/report.ts";
import { withScope } from "../lib/scope.ts";
import { runBlocks } from "../model/forward.ts";
import type { Sae } from "../sae/sae.ts";
import { checkSaeName } from "./checks.ts";
import { onSession } from "./job.ts";
import { Editing } from "../session/passes/editing.ts";
import { type Input, prepareInput, requireTokens } from "../session/input.ts";
import { meanNorm } from "../session/passes/norms.ts";
import { residual } from "../session/passes/pass.ts";
import { provenance, type Session } from "../session/session.ts";

const DOING = "Reading an edited text with an SAE";

/** `sae`: of the model that is open. */
export const downstream = onSession(
  "reading an edited text",
  async (
    session,
    [text, edits, { sae }]: [Text, readonly Edit[], { sae: string }],
    options,
    { request, beside },
  ) => {
    const second = await beside({ ...request, sae: checkSaeName(sae) }, options);
    return readDownstream(session, second.session, text, edits, options);
  },
);

/** @param later the same model, with the SAE that reads. */
export async function readDownstream(
  session: Session,
  later: Session,
  text: Text,
  given: readonly Edit[],
  options: JobOptions,
): Promise<Downstream> {
  const { sae } = session;
  checkBehind(sae.sae, later.sae.sae);
  const input = requireTokens(prepareInput(session, text), DOING);
  const edits = checkEdits(given, { dSae: sae.sae.config.dSae, tokens: input.ids.length });
  const tokens = await changedTokens(session, later.sae.sae, input, edits, options);
  return {
    schema: "facet.downstream/1",
    ...provenance(session),
    text: input.text,
    edits,
    reader: provenance(later).sae,
    tokens,
    truncated: input.truncated,
  };
}

function checkBehind({ config: edited }: Sae, { config: reads }: Sae): void {
  if (reads.layer >= edited.layer) return;
  throw new FacetError(
    "Mismatch",
    `${DOING}: the edits are made at ${edited.hook}, and it reads ${reads.hook}, which they do not reach. Choose an SAE on the same hook or a later one.`,
  );
}

async function changedTokens(
  session: Session,
  later: Sae,
  { ids, pieces, special }: Input,
  edits: readonly Edit[],
  options: JobOptions,
): Promise<Downstream["tokens"]> {
  const { backend, model } = session;
  const { sae } = session.sae;
  const T = ids.length;
  const hook = sae.config.layer + 1;
  return withScope(async (own) => {
    const batch = { ids, contexts: [T] };
    const x = own(await residual(session, batch, sae.config.layer, options));
    const editing = await Editing.open(backend, sae, edits);
    const planned = await editing.plan(x, 0, await meanNorm(session, x, special));
    const { first, plan } = planned;
    if (first === null) return [];
    // The text's own stream, then the edited one: two contexts of one batch.
    const both = own(backend.concatRows([x, own(editing.move(planned, 0))]));
    const last = later.config.layer + 1;
    const out = own(await runBlocks(model.gemma, both, [T, T], hook, last, options));
    const tails = [backend.sliceRows(out, first, T), backend.sliceRows(out, T + first, 2 * T)];
    const read = own(backend.concatRows(tails.map(own)));
    const { features, undo } = await later.encode(read);
    own(undo);
    const rows = await backend.readFeatures(own(features));
    const fold = (feature: number): number => later.foldFactor(feature);
    return pieces.slice(first).flatMap((token, i) => {
      const position = first + i;
      // At the edited hook a token that no edit moves is what it was.
      if (last === hook && plan[position]?.length === 0) return [];
      const changes = rowChanges(activeOf(rows, i), activeOf(rows, T - first + i), fold);
      return [{ position, token, special: special[position] ?? false, ...changes }];
    });
  });
}

function activeOf({ rowStart, index, value }: SparseRows, row: number): ActiveFeatures {
  const start = defined(rowStart[row]);
  const found = index.subarray(start, rowStart[row + 1]);
  return new Map(Array.from(found, (feature, i) => [feature, defined(value[start + i])]));
}
