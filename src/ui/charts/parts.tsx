// What every chart shares: margins, axes in the page's type, the tip under the pointer.

export const MARGIN = { top: 6, right: 8, bottom: 18, left: 4 };

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
        label: {
          ...value,
          angle: -90,
          position: "insideLeft" as const,
          offset: 4,
          style: { textAnchor: "middle" as const },
        },
      };
}

interface TipProps {
  /** The datum's field that tells which one it is. */
  readonly field: string;
  /** Title and value. */
  readonly describe: (which: number) => readonly [title: string, value: string];
  /** Given by recharts. */
  readonly active?: boolean;
  readonly payload?: readonly { readonly payload?: unknown }[];
}

/** The tip under the pointer. */
export function ChartTip({ field, describe, active = false, payload }: TipProps) {
  const which = active ? numberAt(payload?.[0]?.payload, field) : null;
  if (which === null) return null;
  const [title, value] = describe(which);
  return (
    <div className="chart-tip">
      <bdi>{title}</bdi>
      <span>{value}</span>
    </div>
  );
}

/** A field of the datum under the pointer, which recharts hands over untyped. */
function numberAt(datum: unknown, field: string): number | null {
  if (typeof datum !== "object" || datum === null) return null;
  const value: unknown = Reflect.get(datum, field);
  return typeof value === "number" ? value : null;
}
