// A histogram as bars (recharts). Loaded when the first chart is shown; knows nothing of what it counts.

import { Bar, BarChart, Cell, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import type { Histogram } from "../../lib/report.ts";
import { count, number } from "../shared/format.ts";
import { axisProps, ChartTip, MARGIN } from "./parts.tsx";

export interface BarsProps {
  readonly histogram: Histogram;
  /** Axis titles with units. */
  readonly x: string;
  readonly y: string;
  /** Bins hold whole numbers: label them by the number, not by the bin's middle. */
  readonly whole?: boolean;
  /** Negative bins in the second colour. */
  readonly signed?: boolean;
  /** The bin in which the token under focus lies. */
  readonly marked?: number | null;
  readonly onHover?: (bin: number | null) => void;
  /** The chart in words. */
  readonly description: string;
}

/** What a bin is called: "7", "7–9", or "0.12 to 0.15". */
function binName({ edges }: Histogram, bin: number, whole: boolean): string {
  const from = edges[bin] ?? 0;
  const to = edges[bin + 1] ?? from;
  if (!whole) return `${number(from)} to ${number(to)}`;
  return to - from <= 1 ? String(from) : `${from}–${to - 1}`;
}

/** The bin whose range holds 0, for the zero line; null where 0 lies outside. */
function zeroBin({ edges }: Histogram): number | null {
  const bin = edges.findIndex((edge, i) => edge <= 0 && (edges[i + 1] ?? -Infinity) > 0);
  return bin < 0 ? null : bin;
}

export function Bars(props: BarsProps) {
  const { histogram, x, y, whole = false, signed = false, marked = null, onHover, description } = props;
  const data = histogram.counts.map((value, bin) => ({ bin, value }));
  const label = (bin: number): string => {
    const from = histogram.edges[bin] ?? 0;
    return whole ? String(from) : number((from + (histogram.edges[bin + 1] ?? from)) / 2);
  };
  const zero = signed ? zeroBin(histogram) : null;
  return (
    <div className="chart" role="img" aria-label={description}>
      <ResponsiveContainer width="100%" height="100%">
        <BarChart
          data={data}
          margin={MARGIN}
          barCategoryGap={data.length > 40 ? 0.5 : 1}
          accessibilityLayer={false}
          onMouseMove={(state) => onHover?.(state.activeTooltipIndex === undefined ? null : Number(state.activeTooltipIndex))}
          onMouseLeave={() => onHover?.(null)}
        >
          <XAxis dataKey="bin" {...axisProps(x, "x")} tickFormatter={label} minTickGap={28} />
          <YAxis {...axisProps(y, "y")} tickFormatter={count} allowDecimals={false} tickCount={3} />
          <Tooltip
            cursor={{ fill: "var(--wash)" }}
            isAnimationActive={false}
            content={({ active, payload }) => {
              const bin: unknown = payload[0]?.payload?.bin;
              if (!active || typeof bin !== "number") return null;
              return <ChartTip title={binName(histogram, bin, whole)} value={`${count(histogram.counts[bin] ?? 0)} ${y}`} />;
            }}
          />
          {zero !== null && <ReferenceLine x={zero} stroke="var(--line-strong)" strokeDasharray="2 2" />}
          <Bar dataKey="value" isAnimationActive={false}>
            {data.map(({ bin }) => (
              <Cell key={bin} fill={barFill(bin, marked, signed && (histogram.edges[bin + 1] ?? 0) <= 0)} />
            ))}
          </Bar>
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}

function barFill(bin: number, marked: number | null, negative: boolean): string {
  if (bin === marked) return "var(--ink)";
  return negative ? "var(--cool-bar)" : "var(--accent-bar)";
}
