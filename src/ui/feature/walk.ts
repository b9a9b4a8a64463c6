// Which feature comes next. Pure.

/** The feature `step` away, round the ends; from nowhere, the first or the last. */
export function stepFeature(current: number | null, step: 1 | -1, total: number): number {
  if (current === null) return step === 1 ? 0 : Math.max(0, total - 1);
  return (current + step + total) % total;
}

/** `random` in [0, 1). */
export const randomFeature = (total: number, random: number): number => Math.floor(random * total);
