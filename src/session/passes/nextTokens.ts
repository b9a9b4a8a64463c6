// From the logits of a position to the tokens that the model finds most likely next. Softmax in float64.

import { defined } from "../../lib/defined.ts";
import { spread, zScore } from "../../analysis/controls.ts";
import { topIndices } from "../../analysis/rank.ts";
import { summarize } from "../../analysis/summary.ts";
import type {
  NextToken,
  NextTokenChange,
  Prediction,
  RankedToken,
} from "../../lib/interventions.ts";
import { pieceOf } from "../input.ts";
import type { OpenModel } from "../session.ts";

const TOP = 20;

/** ln p of every token, [V]. */
export function logProbabilities(logits: Float32Array): Float64Array {
  let highest = -Infinity;
  for (const logit of logits) highest = Math.max(highest, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - highest);
  const logSum = highest + Math.log(sum);
  return Float64Array.from(logits, (logit) => logit - logSum);
}

/** The 20 most likely, in order. */
function topTokens(model: OpenModel, logProbability: Float64Array): NextToken[] {
  return topIndices(logProbability, TOP).map((id) => ({
    id,
    token: pieceOf(model, id),
    probability: Math.exp(defined(logProbability[id])),
  }));
}

/** A token with its place in the order of likelihood, 1 being the most likely; ties go to the lower id. */
export function ranked(model: OpenModel, logProbability: Float64Array, id: number): RankedToken {
  const own = defined(logProbability[id]);
  let rank = Number.isNaN(own) ? NaN : 1;
  logProbability.forEach((value, other) => {
    if (value > own || (value === own && other < id)) rank++;
  });
  return { id, token: pieceOf(model, id), probability: Math.exp(own), rank };
}

/** ln p of every token, [V]: without edits, with them, and with x̂ in place of x. */
interface Streams {
  readonly before: Float64Array;
  readonly after: Float64Array;
  readonly spliced: Float64Array;
}

/** Every token among the 20 most likely of any, most likely before first, and the text's own next one. */
export function changes(
  model: OpenModel,
  { before, after, spliced }: Streams,
  actual: number | null,
  controls: readonly Float64Array[],
): NextTokenChange[] {
  const ids = new Set([before, after, spliced].flatMap((log) => topIndices(log, TOP)));
  if (actual !== null) ids.add(actual);
  const at = (log: Float64Array, id: number): number => defined(log[id]);
  const logRatio = (log: Float64Array, id: number): number => at(log, id) - at(before, id);
  return [...ids]
    .toSorted((a, b) => at(before, b) - at(before, a) || a - b)
    .map((id) => ({
      id,
      token: pieceOf(model, id),
      before: Math.exp(at(before, id)),
      after: Math.exp(at(after, id)),
      spliced: Math.exp(at(spliced, id)),
      logRatio: logRatio(after, id),
      z: zScore(logRatio(after, id), spread(controls.map((log) => logRatio(log, id)))),
    }));
}

/** @param ce of each position; null at the last, which predicts nothing that is known. */
export function prediction(
  model: OpenModel,
  logProbability: Float64Array,
  actual: number | null,
  ce: readonly (number | null)[],
  counted: Uint8Array,
): Prediction {
  const known = ce.flatMap((value, t) => (value !== null && counted[t] === 1 ? [value] : []));
  return {
    nextTokens: topTokens(model, logProbability),
    actual: actual === null ? null : ranked(model, logProbability, actual),
    ce: summarize(known).mean,
    cePerToken: ce.filter((value) => value !== null),
  };
}
