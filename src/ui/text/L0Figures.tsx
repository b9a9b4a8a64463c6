// How many features fire: along the text, and as a histogram. Both point back at tokens.

import { useMemo } from "react";
import { useActions, useApp } from "../shared/app.ts";
import { BarsFigure, ProfileFigure } from "../charts/Figure.tsx";
import { number } from "../shared/format.ts";
import { integerHistogram } from "../shared/histogram.ts";
import { useHover, useHoverStore } from "../shared/hover.ts";
import { spokenPiece } from "../shared/pieces.ts";
import { useAnalysis } from "../shared/result.ts";

const MOST_BINS = 32;
const EMPTY = { edges: [], counts: [] };

export function L0Figures() {
  const actions = useActions();
  const hover = useHoverStore();
  const { data: analysis, stale } = useAnalysis();
  const mask = useApp((state) => state.view.mask);
  const pinned = useApp((state) => state.view.token);
  const pointed = useHover((state) => state.token);
  const tokens = analysis?.tokens ?? null;
  const masked = useMemo(
    () =>
      tokens?.filter(({ special, l0 }) => (mask === "all" || !special) && Number.isFinite(l0)) ??
      [],
    [tokens, mask],
  );
  const histogram = useMemo(
    () =>
      masked.length === 0
        ? EMPTY
        : integerHistogram(
            masked.map((token) => token.l0),
            MOST_BINS,
          ),
    [masked],
  );
  const values = useMemo(
    () =>
      tokens?.map(({ special, l0 }) =>
        (mask === "all" || !special) && Number.isFinite(l0) ? l0 : null,
      ) ?? [],
    [tokens, mask],
  );
  const width = (histogram.edges[1] ?? 1) - (histogram.edges[0] ?? 0);
  const binOf = (l0: number): number => Math.floor((l0 - (histogram.edges[0] ?? 0)) / width);
  const focused = pointed ?? pinned;
  const focusedToken = focused === null ? null : (tokens?.[focused] ?? null);
  const l0 = analysis?.l0;
  const measured = `${masked.length} tokens${mask === "nonspecial" ? ", specials left out" : ", specials included"}`;
  const summary = `Mean ${number(l0?.mean)}, median ${number(l0?.median)}, largest ${number(l0?.max)}; ${measured}.`;
  return (
    <div className="figures">
      <ProfileFigure
        title="L0 by position"
        caption={analysis === null ? "\u00a0" : `Features that fire on each token; ${measured}.`}
        stale={stale}
        values={values}
        name={(position) => `${position} ${spokenPiece(tokens?.[position]?.token ?? "")}`}
        y="features"
        marked={focused}
        onHover={(position) => hover.setState({ token: position })}
        onPick={(position) =>
          actions.setView({ token: position === pinned ? null : position }, "replace")
        }
        description={`L0 by position. ${summary}`}
      />
      <BarsFigure
        title="L0 histogram"
        caption={analysis === null ? "\u00a0" : summary}
        stale={stale}
        histogram={histogram}
        x="features that fire"
        y="tokens"
        whole
        marked={focusedToken === null ? null : binOf(focusedToken.l0)}
        onHover={(bin) =>
          hover.setState({
            marked:
              bin === null
                ? null
                : new Set(
                    masked
                      .filter((token) => binOf(token.l0) === bin)
                      .map((token) => token.position),
                  ),
          })
        }
        description={`Histogram of L0. ${summary}`}
      />
    </div>
  );
}
