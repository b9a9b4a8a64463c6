// The same tokens as a table: every number that colours can show, as a number.

import { useRef, useState, type KeyboardEvent } from "react";
import type { TokenReport, Verification } from "../../lib/report.ts";
import { activationsOf } from "../../lib/tokenRows.ts";
import { useActions, useApp } from "../shared/app.ts";
import { number, signed } from "../shared/format.ts";
import { useHoverStore } from "../shared/hover.ts";
import { Piece } from "../shared/Piece.tsx";

interface Props {
  readonly tokens: readonly TokenReport[];
  readonly feature: number | null;
  readonly verification: Verification | null;
  readonly stale: boolean;
}

export function TokenTable({ tokens, feature, verification, stale }: Props) {
  const actions = useActions();
  const hover = useHoverStore();
  const units = useApp((state) => state.view.units);
  const pinned = useApp((state) => state.view.token);
  const body = useRef<HTMLTableSectionElement>(null);
  const [active, setActive] = useState(0);
  const stop = Math.min(active, tokens.length - 1);
  const along = feature === null ? [] : activationsOf(tokens).along(feature, units);

  const onKeyDown = (event: KeyboardEvent, position: number): void => {
    const last = tokens.length - 1;
    const moves: Record<string, number> = {
      ArrowDown: Math.min(last, position + 1),
      ArrowUp: Math.max(0, position - 1),
      Home: 0,
      End: last,
    };
    const next = moves[event.key];
    if (next === undefined) return;
    event.preventDefault();
    setActive(next);
    body.current?.querySelector<HTMLElement>(`[data-position="${next}"] button`)?.focus();
  };

  return (
    <div className="scroll-x" data-stale={stale || undefined}>
      <table className="table token-table" data-testid="token-table">
        <thead>
          <tr>
            <th scope="col">Position</th>
            <th scope="col" className="table-text">
              Token
            </th>
            <th scope="col">Id</th>
            <th scope="col">{feature === null ? "Feature" : `#${feature}, ${units}`}</th>
            <th scope="col">L0</th>
            <th scope="col">‖x‖</th>
            <th scope="col">‖x − x̂‖²</th>
            <th scope="col">CE change, nats</th>
          </tr>
        </thead>
        <tbody ref={body}>
          {tokens.map((token) => {
            const entry = verification?.perToken?.[token.position];
            return (
              <tr
                key={token.position}
                data-position={token.position}
                data-pinned={token.position === pinned || undefined}
                onMouseEnter={() => hover.setState({ token: token.position })}
                onMouseLeave={() => hover.setState({ token: null })}
              >
                <td>
                  <button
                    type="button"
                    className="row-button"
                    aria-pressed={token.position === pinned}
                    aria-label={`Pin token ${token.position}`}
                    tabIndex={token.position === stop ? 0 : -1}
                    onKeyDown={(event) => onKeyDown(event, token.position)}
                    onFocus={() => setActive(token.position)}
                    onClick={() =>
                      actions.setView(
                        { token: token.position === pinned ? null : token.position },
                        "replace",
                      )
                    }
                  >
                    {token.position}
                  </button>
                </td>
                <td className="table-text">
                  <Piece piece={token.token} />
                </td>
                <td>{token.id}</td>
                <td>
                  {feature === null || Number.isNaN(token.l0) ? "–" : number(along[token.position])}
                </td>
                <td>{number(token.l0)}</td>
                <td>{number(token.norm)}</td>
                <td>{number(token.squaredError)}</td>
                <td>{entry === undefined ? "–" : signed(entry.ceSae - entry.ceClean)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {verification === null && (
        <p className="caption">
          The change of CE is measured when the text is coloured by it, or verified.
        </p>
      )}
    </div>
  );
}
