// One number a token, along the text (recharts). Loaded when the first chart is shown.

import { memo } from "react";
import {
  Area,
  AreaChart,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { count, number } from "../shared/format.ts";
import { axisProps, ChartTip, MARGIN } from "./parts.tsx";

export interface ProfileProps {
  /** By position; null leaves a gap. */
  readonly values: readonly (number | null)[];
  /** What a position is called in the tip. */
  readonly name: (position: number) => string;
  readonly y: string;
  /** Position of the token under focus. */
  readonly marked: number | null;
  readonly onHover: (position: number | null) => void;
  /** Without it, a position is nothing to press. */
  readonly onPick?: (position: number) => void;
  readonly description: string;
}

/** Drawn anew only when a prop changes: recharts takes milliseconds over each drawing. */
export const Profile = memo(function Profile({
  values,
  name,
  y,
  marked,
  onHover,
  onPick,
  description,
}: ProfileProps) {
  const data = values.map((value, position) => ({ position, value }));
  const position = (index: unknown): number | null =>
    index === undefined || index === null ? null : Number(index);
  return (
    <div
      className={onPick === undefined ? "chart" : "chart chart-pick"}
      role="img"
      aria-label={description}
    >
      <ResponsiveContainer width="100%" height="100%">
        <AreaChart
          data={data}
          margin={MARGIN}
          accessibilityLayer={false}
          onMouseMove={(state) => onHover(position(state.activeTooltipIndex))}
          onMouseLeave={() => onHover(null)}
          onClick={(state) => {
            const at = position(state.activeTooltipIndex);
            if (at !== null) onPick?.(at);
          }}
        >
          <XAxis dataKey="position" {...axisProps("position", "x")} minTickGap={28} />
          <YAxis {...axisProps(y, "y")} tickFormatter={count} tickCount={3} />
          <Tooltip
            cursor={false}
            isAnimationActive={false}
            content={
              <ChartTip
                field="position"
                describe={(at) => [name(at), `${number(values[at])} ${y}`]}
              />
            }
          />
          {marked !== null && <ReferenceLine x={marked} stroke="var(--ink)" />}
          <Area
            dataKey="value"
            type="step"
            stroke="var(--accent-bar)"
            strokeWidth={1.25}
            fill="var(--accent)"
            fillOpacity={0.25}
            isAnimationActive={false}
            dot={false}
            activeDot={{ r: 3, fill: "var(--ink)", stroke: "none" }}
          />
        </AreaChart>
      </ResponsiveContainer>
    </div>
  );
});
