// The largest or smallest entries of a long array, without sorting all of it.

/** Indices of the n largest finite values, largest first; ties go to the lower index. */
export function topIndices(
  values: ArrayLike<number>,
  n: number,
  order: "largest" | "smallest" = "largest",
): number[] {
  const sign = order === "largest" ? 1 : -1;
  const at = (i: number): number => sign * (values[i] ?? NaN);
  const best: number[] = []; // sorted, best first, at most n
  for (let i = 0; i < values.length; i++) {
    const value = at(i);
    if (!Number.isFinite(value)) continue;
    const last = best.at(-1);
    if (best.length === n && last !== undefined && value <= at(last)) continue;
    let place = best.length;
    while (place > 0 && value > at(best[place - 1] ?? 0)) place--;
    best.splice(place, 0, i);
    if (best.length > n) best.pop();
  }
  return best;
}

/** Index of the largest value, the first of equals; 0 of none. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) {
    if ((values[i] ?? -Infinity) > (values[best] ?? -Infinity)) best = i;
  }
  return best;
}
