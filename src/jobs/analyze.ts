// Job: which features fire on each token of a text.

import { defined } from "../lib/defined.ts";
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
    const at = (position: number, column: keyof typeof ROW_STATS): number =>
      defined(stats[position * ROW_STATS_COLUMNS + ROW_STATS[column]]);
    // Shaders may have lost an overflowing row's NaN on the way through the encoder.
    const sound = input.pieces.map((_, position) => Number.isFinite(at(position, "xx")));
    const { known, activations } = strongestFirst(session, rows, sound);
    const { rowStart } = activations;
    const facts = input.pieces.map((token, position) => ({
      position,
      id: defined(input.ids[position]),
      token,
      special: input.special[position] ?? false,
      l0: known[position] ? defined(rowStart[position + 1]) - defined(rowStart[position]) : NaN,
      norm: Math.sqrt(at(position, "xx")),
      squaredError: at(position, "squaredError"),
    }));
    return withRows(facts, activations);
  });
}

/**
 * The same with each row by folded strength, equal ones by number. Of a row that overflowed nothing is known, and nothing
 * is left.
 */
function strongestFirst(
  { sae }: Session,
  { rowStart, index, value }: SparseRows,
  sound: readonly boolean[],
): { readonly known: readonly boolean[]; readonly activations: ActivationRows } {
  const strength = Float64Array.from(
    index,
    (feature, entry) => defined(value[entry]) * sae.sae.foldFactor(feature),
  );
  const all = Uint32Array.from(index.keys());
  const starts = new Uint32Array(rowStart.length);
  const order = new Uint32Array(index.length);
  let length = 0;
  const known = sound.map((is, t) => {
    const row = all.subarray(rowStart[t], rowStart[t + 1]);
    const whole = is && row.every((entry) => Number.isFinite(defined(strength[entry])));
    // Numbers ascend within a row already, and sorting keeps equals in their order.
    if (whole) {
      row.sort((a, b) => defined(strength[b]) - defined(strength[a]));
      order.set(row, length);
      length += row.length;
    }
    starts[t + 1] = length;
    return whole;
  });
  const kept = order.subarray(0, length);
  return {
    known,
    activations: {
      rowStart: starts,
      index: Uint32Array.from(kept, (entry) => defined(index[entry])),
      raw: Float32Array.from(kept, (entry) => defined(value[entry])),
      folded: Float64Array.from(kept, (entry) => defined(strength[entry])),
    },
  };
}
