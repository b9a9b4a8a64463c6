// The largest or smallest entries of a long array, without sorting all of it.

import { defined } from "../lib/defined.ts";
import { FacetError } from "../lib/errors.ts";

/** Indices of the n largest finite values, largest first; ties go to the lower index. */
export function topIndices(
  values: ArrayLike<number>,
  n: number,
  order: "largest" | "smallest" = "largest",
): number[] {
  const sign = order === "largest" ? 1 : -1;
  const at = (i: number): number => sign * defined(values[i]);
  const best: number[] = []; // sorted, best first, at most n
  for (let i = 0; i < values.length; i++) {
    const value = at(i);
    if (!Number.isFinite(value)) continue;
    const last = best.at(-1);
    if (best.length === n && last !== undefined && value <= at(last)) continue;
    let place = best.length;
    while (place > 0 && value > at(defined(best[place - 1]))) place--;
    best.splice(place, 0, i);
    if (best.length > n) best.pop();
  }
  return best;
}

/** The token of the largest logit, the first of equals. Throws `Unsupported` where one is NaN or overflowed to +∞. */
export function argmax(logits: ArrayLike<number>): number {
  let best = 0;
  for (let i = 0; i < logits.length; i++) {
    const logit = defined(logits[i]);
    if (!(logit < Infinity)) {
      throw new FacetError(
        "Unsupported",
        `Choosing the next token: the logit of token ${i} is ${logit}. The model's numbers grew beyond 32-bit floats on this text; undo the edits, or try another text.`,
      );
    }
    if (logit > defined(logits[best])) best = i;
  }
  return best;
}
