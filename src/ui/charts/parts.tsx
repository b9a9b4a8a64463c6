// What every chart shares: margins, axes in the page's type, the tip under the pointer.

export const MARGIN = { top: 6, right: 8, bottom: 14, left: 4 };

const TICK = { fill: "var(--ink-soft)", fontSize: 11 };

/** Props of an axis titled with its unit. */
export function axisProps(title: string, which: "x" | "y") {
  const value = { value: title, fill: "var(--ink-soft)", fontSize: 11 };
  return which === "x"
    ? {
        tick: TICK,
        tickLine: false,
        axisLine: { stroke: "var(--line-strong)" },
        height: 22,
        label: { ...value, position: "insideBottom" as const, offset: -12 },
      }
    : {
        tick: TICK,
        tickLine: false,
        axisLine: false,
        width: 52,
        label: { ...value, angle: -90, position: "insideLeft" as const, offset: 4, style: { textAnchor: "middle" as const } },
      };
}

export function ChartTip({ title, value }: { title: string; value: string }) {
  return (
    <div className="chart-tip">
      <bdi>{title}</bdi>
      <span>{value}</span>
    </div>
  );
}
