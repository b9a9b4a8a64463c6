// Where along the text a feature fires: a bar a token, as in a barcode. Decoration; the numbers stand beside it.

import { memo } from "react";
import { greatest } from "../../lib/extremes.ts";

const WIDTH = 76;
const HEIGHT = 16;

/** Strongest value in each of at most `most` stretches of the text. */
export function stretches(values: readonly number[], most: number): number[] {
  if (values.length <= most) return [...values];
  const out = new Array<number>(most).fill(0);
  values.forEach((value, i) => {
    const slot = Math.floor((i * most) / values.length);
    out[slot] = Math.max(out[slot] ?? 0, value);
  });
  return out;
}

export const Spark = memo(function Spark({ values }: { values: readonly number[] }) {
  const bars = stretches(values, WIDTH);
  const top = Math.max(greatest(bars), 0);
  const step = WIDTH / Math.max(1, bars.length);
  const width = Math.max(1, step - (step > 3 ? 1 : 0));
  const path = bars
    .map((value, i) => {
      const height = top > 0 ? (value / top) * HEIGHT : 0;
      return height < 0.4
        ? ""
        : `M${(i * step).toFixed(2)} ${HEIGHT}v${(-height).toFixed(2)}h${width.toFixed(2)}V${HEIGHT}z`;
    })
    .join("");
  return (
    <svg
      className="spark"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      aria-hidden="true"
    >
      <path d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} className="spark-base" />
      <path d={path} />
    </svg>
  );
});
