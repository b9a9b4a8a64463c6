// One feature in a list: number, label, where it fires along the text, value. Pointing previews it, clicking chooses it.

import { memo } from "react";
import { useActions, useApp } from "../shared/app.ts";
import { short } from "../shared/format.ts";
import { useHoverStore } from "../shared/hover.ts";
import { ListMark } from "../shared/ListButton.tsx";
import { Hostile, Piece } from "../shared/Piece.tsx";
import { visibleText } from "../shared/visible.ts";
import { useLabel } from "./shown.ts";
import { Spark } from "../shared/Spark.tsx";

interface Props {
  readonly index: number;
  readonly value: number;
  /** The list's largest, for the bar. */
  readonly top: number;
  /** Activation by position; without it no spark is drawn. */
  readonly profile?: readonly number[];
  /** The token on which it is strongest, told where it has no label. */
  readonly peak?: string;
  /** Whole numbers: counts. */
  readonly whole?: boolean;
}

export const FeatureRow = memo(function FeatureRow({
  index,
  value,
  top,
  profile,
  peak,
  whole = false,
}: Props) {
  const actions = useActions();
  const hover = useHoverStore();
  const chosen = useApp((state) => state.view.feature === index);
  const label = useLabel(index);
  const preview = (feature: number | null): void => hover.setState({ feature });
  return (
    <li className="feature-row">
      <button
        type="button"
        data-feature={index}
        data-value={value}
        aria-pressed={chosen}
        onClick={() => actions.setView({ feature: chosen ? null : index, colour: "feature" })}
        onMouseEnter={() => preview(index)}
        onMouseLeave={() => preview(null)}
        onFocus={() => preview(index)}
        onBlur={() => preview(null)}
      >
        <span className="feature-number">{index}</span>
        <span
          className="feature-label"
          title={
            label !== null
              ? visibleText(label.label)
              : peak === undefined
                ? undefined
                : "No label; strongest on this token"
          }
        >
          {label !== null ? (
            <Hostile text={label.label} />
          ) : (
            peak !== undefined && (
              <>
                on <Piece piece={peak} />
              </>
            )
          )}
        </span>
        {profile !== undefined && <Spark values={profile} />}
        <span className="feature-value">
          <span
            className="feature-bar"
            style={{ "--share": top > 0 ? Math.min(1, value / top) : 0 }}
          />
          {whole ? value : short(value)}
        </span>
      </button>
      <ListMark feature={index} />
    </li>
  );
});
