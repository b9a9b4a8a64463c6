// Medians, spread and tables: what the benchmark's figures are made of. It measures nothing.

/** @typedef {{ median: number, min: number, max: number, samples: number[] }} Spread */

/**
 * @param {readonly number[]} samples at least one
 * @returns {Spread}
 */
export function spread(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [below = NaN, above = NaN] = [sorted[middle - ((sorted.length + 1) % 2)], sorted[middle]];
  return {
    median: (below + above) / 2,
    min: sorted[0] ?? NaN,
    max: sorted.at(-1) ?? NaN,
    samples: samples.map((sample) => Number(sample.toFixed(3))),
  };
}

/**
 * Of pairs measured one right after the other: noise that hits both falls out.
 * @param {readonly number[]} samples
 * @param {readonly number[]} baseline
 */
export const ratios = (samples, baseline) =>
  spread(samples.map((sample, i) => sample / (baseline[i] ?? NaN)));

/** @param {number} value */
export const round = (value) =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

/** @param {Spread} spread */
export const told = ({ median, min, max }) => `${round(median)} (${round(min)}–${round(max)})`;

/**
 * The first column to the left, figures to the right.
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
export function table(head, rows) {
  const widths = head.map((_, c) => Math.max(...[head, ...rows].map((row) => row[c]?.length ?? 0)));
  const line = (/** @type {readonly string[]} */ row) =>
    row
      .map((cell, c) => (c === 0 ? cell.padEnd(widths[c] ?? 0) : cell.padStart(widths[c] ?? 0)))
      .join("  ")
      .trimEnd();
  return [line(head), widths.map((width) => "─".repeat(width)).join("  "), ...rows.map(line)].join(
    "\n",
  );
}
