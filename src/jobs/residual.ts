// Job: the residual stream behind a block, row by row.

import { FacetError } from "../lib/errors.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { Text } from "../lib/report.ts";
import { withScope } from "../lib/scope.ts";
import { prepareInput } from "../session/input.ts";
import { residual as residualAt } from "../session/passes/pass.ts";
import { checkText } from "./checks.ts";
import { onSession } from "./job.ts";
import type { Session } from "../session/session.ts";

/** resid_post of a layer, one row [d_model] a token. */
export const residual = onSession(
  "reading the residual stream",
  (session, [text, layer]: [Text, layer: number], options) =>
    residualRows(session, checkText(text), layer, options),
  (rows) => rows.map(({ buffer }) => buffer),
);

async function residualRows(
  session: Session,
  text: Text,
  layer: number,
  options: JobOptions,
): Promise<Float32Array<ArrayBuffer>[]> {
  const { config } = session.model.gemma;
  if (!Number.isInteger(layer) || layer < 0 || layer >= config.layers) {
    throw new FacetError(
      "Mismatch",
      `Reading resid_post_${layer}: the model's blocks are numbered from 0 to ${config.layers - 1}.`,
    );
  }
  const { ids } = prepareInput(session, text);
  if (ids.length === 0) return [];
  const batch = { ids, contexts: [ids.length] };
  const values = await withScope(async (own) =>
    session.backend.read(own(await residualAt(session, batch, layer, options))),
  );
  return Array.from(ids, (_, t) => values.slice(t * config.dModel, (t + 1) * config.dModel));
}
