// Job: which features fire on each token of a text.

import { defined } from "../lib/defined.ts";
import { ROW_STATS, ROW_STATS_COLUMNS, type SparseRows } from "../backend/backend.ts";
import { positionMask } from "../analysis/mask.ts";
import { summarize } from "../analysis/summary.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { Analysis, FeatureActivation, Mask, Text } from "../lib/report.ts";
import { withScope } from "../lib/scope.ts";
import { checkMask, checkText, type MaskChoice } from "./checks.ts";
import { onSession } from "./job.ts";
import { type Input, prepareInput } from "../session/input.ts";
import { hookPass } from "../session/passes/pass.ts";
import { provenance, type Session } from "../session/session.ts";

export const analyze = onSession(
  "analysing a text",
  (session, [text, how]: [Text, MaskChoice?], options) =>
    analyzeText(session, checkText(text), checkMask(how), options),
);

export async function analyzeText(
  session: Session,
  text: Text,
  mask: Mask,
  options: JobOptions,
): Promise<Analysis> {
  const input = prepareInput(session, text);
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
    return input.pieces.map((token, position) => {
      const at = (column: keyof typeof ROW_STATS): number =>
        defined(stats[position * ROW_STATS_COLUMNS + ROW_STATS[column]]);
      const features = rowFeatures(session, rows, position);
      // Of a row that overflowed nothing is known; shaders may have lost its NaN on the way through the encoder.
      const known =
        Number.isFinite(at("xx")) && features.every(({ folded }) => Number.isFinite(folded));
      return {
        position,
        id: defined(input.ids[position]),
        token,
        special: input.special[position] ?? false,
        l0: known ? features.length : NaN,
        norm: Math.sqrt(at("xx")),
        squaredError: at("squaredError"),
        features: known ? features : [],
      };
    });
  });
}

/** Strongest folded first. */
function rowFeatures({ sae }: Session, rows: SparseRows, t: number): FeatureActivation[] {
  const start = defined(rows.rowStart[t]);
  const end = rows.rowStart[t + 1] ?? start;
  const features: FeatureActivation[] = [];
  for (let i = start; i < end; i++) {
    const index = defined(rows.index[i]);
    const raw = defined(rows.value[i]);
    features.push({ index, raw, folded: raw * sae.sae.foldFactor(index) });
  }
  return features.toSorted((a, b) => b.folded - a.folded || a.index - b.index);
}
