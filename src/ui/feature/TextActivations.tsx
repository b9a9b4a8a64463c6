// Where one feature fires on the reader's text: its tokens, strongest first, each in its words.

import { useMemo } from "react";
import { useActions, useApp } from "../shared/app.ts";
import { short } from "../shared/format.ts";
import { useHoverStore } from "../shared/hover.ts";
import { profile } from "../tokens/rankFeatures.ts";
import { textExamples } from "./textExamples.ts";
import { useAnalysis } from "../shared/result.ts";

interface Props {
  readonly index: number;
  readonly rows: number;
}

/** Rows whose room is kept, so that what stands below rarely moves from feature to feature. */
const KEPT = 3;

export function TextActivations({ index, rows }: Props) {
  const actions = useActions();
  const hover = useHoverStore();
  const { data, stale } = useAnalysis();
  const tokens = data?.tokens ?? null;
  const units = useApp((state) => state.view.units);
  const pinned = useApp((state) => state.view.token);
  const mergeBytes = useApp((state) => state.view.mergeBytes);
  const values = useMemo(
    () => (tokens === null ? [] : profile(tokens, index, units)),
    [tokens, index, units],
  );
  const found = useMemo(
    () => textExamples(tokens ?? [], values, mergeBytes),
    [tokens, values, mergeBytes],
  );
  const top = found[0]?.value ?? 0;
  const fires = values.filter((value) => value > 0).length;
  const ordinary = tokens?.filter((token) => !token.special).length ?? 0;
  return (
    <div data-testid="text-activations" data-stale={stale || undefined}>
      <ol className="examples" style={{ "--rows": tokens !== null && fires === 0 ? 0 : KEPT }}>
        {found.slice(0, rows).map(({ position, value, before, fires: ink, after }) => (
          <li key={position}>
            <button
              type="button"
              aria-pressed={position === pinned}
              onClick={() =>
                actions.setView({ token: position === pinned ? null : position }, "replace")
              }
              onMouseEnter={() => hover.setState({ token: position })}
              onMouseLeave={() => hover.setState({ token: null })}
              onFocus={() => hover.setState({ token: position })}
              onBlur={() => hover.setState({ token: null })}
            >
              <bdi className="example">
                <span className="soft">{before}</span>
                <mark>{ink}</mark>
                <span className="soft">{after}</span>
              </bdi>
              <span className="feature-value">
                <span className="feature-bar" style={{ "--share": value / top }} />
                {short(value)}
              </span>
            </button>
          </li>
        ))}
      </ol>
      <p className="caption">
        {tokens === null
          ? "\u00a0"
          : fires === 0
            ? `Does not fire on any of the ${ordinary} tokens of this text.`
            : `Fires on ${fires} of ${ordinary} tokens; ${found.length > rows ? `the ${rows} strongest, ` : ""}activation, ${units}; specials left out.`}
      </p>
    </div>
  );
}
