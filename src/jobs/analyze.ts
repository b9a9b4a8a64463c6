// Job: which features fire on each token of a text.

import { ROW_STATS, ROW_STATS_COLUMNS, type SparseRows } from "../backend/backend.ts";
import { positionMask } from "../analysis/mask.ts";
import { summarize } from "../analysis/summary.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { ActivationRows } from "../lib/activations.ts";
import type { Analysis, Mask, Text } from "../lib/report.ts";
import { withScope } from "../lib/scope.ts";
import { withRows } from "../lib/tokenRows.ts";
import { checkMask, checkText, type MaskChoice } from "./checks.ts";
import { onSession } from "./job.ts";
import { type Input, prepareInput } from "../session/input.ts";
import { hookPass } from "../session/passes/pass.ts";
import { provenance, type Session } from "../session/session.ts";

export const analyze = {
  ...onSession("analysing a text", (session, [text, how]: [Text, MaskChoice?], options) =>
    analyzeText(session, checkText(text), checkMask(how), options),
  ),
  packing: "analysis" as const,
};

export async function analyzeText(
  session: Session,
  text: Text,
  mask: Mask,
  options: JobOptions,
): Promise<Analysis> {
  const input = prepareInput(session.model, text);
  const tokens = input.ids.length === 0 ? [] : await tokenReports(session, input, options);
  const counted = positionMask(mask, input.special);
  return {
    schema: "facet.analysis/1",
    ...provenance(session),
    text: input.text,
    mask,
    tokens,
    l0: summarize(tokens.filter((_, t) => counted[t] === 1).map(({ l0 }) => l0)),
    truncated: input.truncated,
    totalTokens: input.totalTokens,
    saeContext: session.sae.sae.config.contextSize,
  };
}

async function tokenReports(
  session: Session,
  input: Input,
  options: JobOptions,
): Promise<Analysis["tokens"]> {
  const { backend } = session;
  const batch = { ids: input.ids, contexts: [input.ids.length] };
  return withScope(async (own) => {
    const pass = own(await hookPass(session, batch, options));
    const rowStats = own(backend.rowStats(pass.x, pass.xHat));
    const [rows, stats] = await Promise.all([
      backend.readFeatures(pass.encoded.features),
      backend.read(rowStats),
    ]);
    const sorted = strongestFirst(session, rows);
    const facts = input.pieces.map((token, position) => {
      const at = (column: keyof typeof ROW_STATS): number =>
        stats[position * ROW_STATS_COLUMNS + ROW_STATS[column]] ?? NaN;
      return {
        position,
        id: input.ids[position] ?? 0,
        token,
        special: input.special[position] ?? false,
        l0: (sorted.rowStart[position + 1] ?? 0) - (sorted.rowStart[position] ?? 0),
        norm: Math.sqrt(at("xx")),
        squaredError: at("squaredError"),
      };
    });
    return withRows(facts, sorted);
  });
}

/** The same with each row by folded strength, equal ones by number. */
function strongestFirst({ sae }: Session, { rowStart, index, value }: SparseRows): ActivationRows {
  const strength = Float64Array.from(
    index,
    (feature, entry) => (value[entry] ?? 0) * sae.sae.foldFactor(feature),
  );
  const order = Uint32Array.from(index.keys());
  for (let t = 0; t + 1 < rowStart.length; t++) {
    // Numbers ascend within a row already, and sorting keeps equals in their order.
    order
      .subarray(rowStart[t], rowStart[t + 1])
      .sort((a, b) => (strength[b] ?? 0) - (strength[a] ?? 0));
  }
  return {
    rowStart: rowStart.slice(),
    index: order.map((entry) => index[entry] ?? 0),
    raw: Float32Array.from(order, (entry) => value[entry] ?? 0),
    folded: Float64Array.from(order, (entry) => strength[entry] ?? 0),
  };
}
