// Job: which features fire on each token of a text.

import { ROW_STATS, ROW_STATS_COLUMNS, type SparseRows } from "../backend/backend.ts";
import { positionMask } from "../analysis/mask.ts";
import { summarize } from "../analysis/summary.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { Analysis, FeatureActivation, Mask, Text } from "../lib/report.ts";
import { withScope } from "../lib/scope.ts";
import { type Input, prepareInput } from "./input.ts";
import { hookPass } from "./pass.ts";
import { provenance, type Session } from "./session.ts";

export async function analyze(
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
        stats[position * ROW_STATS_COLUMNS + ROW_STATS[column]] ?? NaN;
      const features = rowFeatures(session, rows, position);
      return {
        position,
        id: input.ids[position] ?? 0,
        token,
        special: input.special[position] ?? false,
        l0: features.length,
        norm: Math.sqrt(at("xx")),
        squaredError: at("squaredError"),
        features,
      };
    });
  });
}

/** Strongest folded first. */
function rowFeatures({ sae }: Session, rows: SparseRows, t: number): FeatureActivation[] {
  const start = rows.rowStart[t] ?? 0;
  const end = rows.rowStart[t + 1] ?? start;
  const features: FeatureActivation[] = [];
  for (let i = start; i < end; i++) {
    const index = rows.index[i] ?? 0;
    const raw = rows.value[i] ?? 0;
    features.push({ index, raw, folded: raw * sae.sae.foldFactor(index) });
  }
  return features.toSorted((a, b) => b.folded - a.folded || a.index - b.index);
}
