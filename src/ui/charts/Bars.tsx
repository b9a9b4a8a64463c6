// A histogram as bars (recharts). Loaded when the first chart is shown; knows nothing of what it counts.

import { memo } from "react";
import {
  Bar,
  Cell,
  ComposedChart,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { greatest } from "../../lib/extremes.ts";
import type { Histogram } from "../../lib/report.ts";
import { count, number, short } from "../shared/format.ts";
import { roundTicks } from "../shared/histogram.ts";
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
  /** What a model expects in each bin, as a line. */
  readonly curve?: readonly number[];
  /** Counts on a logarithmic axis. */
  readonly log?: boolean;
  /** The bin in which the token under focus lies. */
  readonly marked?: number | null;
  readonly onHover?: (bin: number | null) => void;
  /** The chart in words. */
  readonly description: string;
}

/** Pixels; recharts takes a bar's width from its distance to the next. */
const LONE_BAR = 60;

/** Under 1, so that a bin with a single count is seen. */
const LOG_FLOOR = 0.6;

/** 1, 10, 100 … up to the largest count; every second or third where they would crowd. */
function powersOfTen(counts: readonly number[]): number[] {
  const top = Math.floor(Math.log10(Math.max(1, greatest(counts))));
  const step = Math.ceil((top + 1) / 4);
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, i) => 10 ** (i * step));
}

/** What a bin is called: "7", "7–9", or "0.12 to 0.15". */
function binName({ edges }: Histogram, bin: number, whole: boolean): string {
  const from = edges[bin] ?? 0;
  const to = edges[bin + 1] ?? from;
  if (!whole) return `${number(from)} to ${number(to)}`;
  return to - from <= 1 ? String(from) : `${from}–${to - 1}`;
}

/** Drawn anew only when a prop changes: recharts takes milliseconds over each drawing. */
export const Bars = memo(function Bars(props: BarsProps) {
  const {
    histogram,
    x,
    y,
    whole = false,
    signed = false,
    log = false,
    curve,
    marked = null,
    onHover,
    description,
  } = props;
  // Whole numbers stand in the middle of their bar, so the axis begins half a number early.
  const shift = whole ? 0.5 : 0;
  const edge = (bin: number): number => (histogram.edges[bin] ?? 0) - shift;
  const data = histogram.counts.map((value, bin) => ({
    bin,
    // An empty bin has no place on a logarithmic axis.
    value: log && value === 0 ? null : value,
    fit: curve?.[bin] ?? null,
    middle: (edge(bin) + edge(bin + 1)) / 2,
  }));
  // Equal values make one bin without width: it is given room.
  const room = edge(data.length) > edge(0) ? 0 : 0.5;
  const low = edge(0) - room;
  const high = edge(data.length) + room;
  return (
    <div className="chart" role="img" aria-label={description}>
      <ResponsiveContainer width="100%" height="100%">
        <ComposedChart
          data={data}
          margin={MARGIN}
          barCategoryGap={data.length > 40 ? 0.5 : 1}
          {...(data.length === 1 && { barSize: LONE_BAR })}
          accessibilityLayer={false}
          onMouseMove={(state) =>
            onHover?.(
              state.activeTooltipIndex === undefined ? null : Number(state.activeTooltipIndex),
            )
          }
          onMouseLeave={() => onHover?.(null)}
        >
          <XAxis
            dataKey="middle"
            type="number"
            domain={[low, high]}
            ticks={roundTicks(low, high, 6, whole)}
            {...axisProps(x, "x")}
            tickFormatter={short}
          />
          <YAxis
            {...axisProps(y, "y")}
            tickFormatter={count}
            {...(log
              ? {
                  scale: "log",
                  domain: [LOG_FLOOR, "dataMax"],
                  ticks: powersOfTen(histogram.counts),
                }
              : { allowDecimals: false, tickCount: 3 })}
          />
          <Tooltip
            cursor={{ fill: "var(--wash)" }}
            isAnimationActive={false}
            content={
              <ChartTip
                field="bin"
                describe={(bin) => [
                  binName(histogram, bin, whole),
                  `${count(histogram.counts[bin] ?? 0)} ${y}`,
                ]}
              />
            }
          />
          {signed && low < 0 && high > 0 && (
            <ReferenceLine x={0} stroke="var(--line-strong)" strokeDasharray="2 2" />
          )}
          <Bar dataKey="value" isAnimationActive={false}>
            {data.map(({ bin }) => (
              <Cell
                key={bin}
                fill={barFill(bin, marked, signed && (histogram.edges[bin + 1] ?? 0) <= 0)}
              />
            ))}
          </Bar>
          {curve !== undefined && (
            <Line
              dataKey="fit"
              type="monotone"
              stroke="var(--ink)"
              strokeWidth={1.25}
              dot={false}
              activeDot={false}
              isAnimationActive={false}
            />
          )}
        </ComposedChart>
      </ResponsiveContainer>
    </div>
  );
});

function barFill(bin: number, marked: number | null, negative: boolean): string {
  if (bin === marked) return "var(--ink)";
  return negative ? "var(--cool-bar)" : "var(--accent-bar)";
}
