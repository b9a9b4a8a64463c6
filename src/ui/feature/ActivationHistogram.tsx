// How strongly the feature fires where it fires, on the reader's text.

import { useMemo } from "react";
import { BarsFigure } from "../charts/Figure.tsx";
import { histogram } from "../shared/histogram.ts";
import { useHover, useHoverStore } from "../shared/hover.ts";
import { useApp } from "../shared/app.ts";
import type { TokenValues } from "../tokens/tokenValues.ts";

const BINS = 20;
const EMPTY = { edges: [], counts: [] };

export function ActivationHistogram({
  values,
  stale,
}: {
  values: TokenValues | null;
  stale: boolean;
}) {
  const hover = useHoverStore();
  const pinned = useApp((state) => state.view.token);
  const pointed = useHover((state) => state.token);
  const fires = useMemo(
    () =>
      (values?.values ?? [])
        .map((value, position) => ({ value: value ?? 0, position }))
        .filter(({ value }) => value > 0),
    [values],
  );
  const bins = useMemo(
    () =>
      fires.length === 0
        ? EMPTY
        : histogram(
            fires.map(({ value }) => value),
            BINS,
            0,
          ),
    [fires],
  );
  const binOf = (value: number): number =>
    Math.max(
      0,
      bins.edges.findLastIndex((edge, i) => i < bins.counts.length && value >= edge),
    );
  const focused = fires.find(({ position }) => position === (pointed ?? pinned));
  // The list above says that there is nothing to draw.
  if (values !== null && fires.length === 0) return null;
  return (
    <BarsFigure
      title="Activations on this text"
      height={110}
      stale={stale}
      histogram={bins}
      x={`activation, ${values?.unit ?? ""}`}
      y="tokens"
      marked={focused === undefined ? null : binOf(focused.value)}
      onHover={(bin) =>
        hover.setState({
          marked:
            bin === null
              ? null
              : new Set(
                  fires.filter(({ value }) => binOf(value) === bin).map(({ position }) => position),
                ),
        })
      }
      caption={
        values === null
          ? "\u00a0"
          : fires.length === 1
            ? "The one token on which it fires."
            : `The ${fires.length} tokens on which it fires.`
      }
      description={`Histogram of this feature's activations on ${fires.length} tokens.`}
    />
  );
}
