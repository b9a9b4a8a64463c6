// Where one feature fires on the reader's text: its tokens, strongest first, each in its words.

import { useMemo } from "react";
import type { TokenReport } from "../../lib/report.ts";
import { useActions, useApp } from "../shared/app.ts";
import { short } from "../shared/format.ts";
import { useHoverStore } from "../shared/hover.ts";
import { inkOf, inlineText } from "../tokens/pieces.ts";
import { profile } from "../tokens/rankFeatures.ts";

interface Props {
  readonly index: number;
  readonly rows: number;
}

/** Tokens shown before the one that fires. */
const BEFORE = 4;

export function TextActivations({ index, rows }: Props) {
  const actions = useActions();
  const hover = useHoverStore();
  const tokens = useApp((state) => state.analysis.data?.tokens ?? null);
  const stale = useApp((state) => state.analysis.stale);
  const units = useApp((state) => state.view.units);
  const pinned = useApp((state) => state.view.token);
  const fires = useMemo(() => {
    const values = tokens === null ? [] : profile(tokens, index, units);
    return values
      .map((value, position) => ({ value, position }))
      .filter(({ value }) => value > 0)
      .toSorted((a, b) => b.value - a.value || a.position - b.position);
  }, [tokens, index, units]);
  const top = fires[0]?.value ?? 0;
  const ordinary = tokens?.filter((token) => !token.special).length ?? 0;
  return (
    <div data-testid="text-activations" data-stale={stale || undefined}>
      <ol className="passages" style={{ "--rows": rows }}>
        {fires.slice(0, rows).map(({ value, position }) => (
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
              <Passage tokens={tokens ?? []} position={position} />
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
          : fires.length === 0
            ? `Does not fire on any of the ${ordinary} tokens of this text.`
            : `Fires on ${fires.length} of ${ordinary} tokens; ${fires.length > rows ? `the ${rows} strongest, ` : ""}activation, ${units}; specials left out.`}
      </p>
    </div>
  );
}

function Passage({ tokens, position }: { tokens: readonly TokenReport[]; position: number }) {
  const before = tokens
    .slice(Math.max(0, position - BEFORE), position)
    .filter((token) => !token.special)
    .map((token) => inlineText(token.token))
    .join("")
    .trimStart();
  const text = inlineText(tokens[position]?.token ?? "");
  const [lead, ink] = inkOf(before === "" ? text.trimStart() : text);
  return (
    <bdi className="passage">
      <span className="soft">{before}</span>
      {lead}
      <mark>{ink}</mark>
    </bdi>
  );
}
