// How strongly the feature fires over the scanned corpus. The token under the pointer marks its bar, and a bar marks the
// tokens of the examples whose strength lies in it.

import { useMemo } from "react";
import type { FeatureScan } from "../../lib/scan.ts";
import { activationsOf } from "../../lib/tokenRows.ts";
import { useActions, useApp, useAppStore } from "../shared/app.ts";
import { BarsFigure } from "../charts/Figure.tsx";
import { count, number } from "../shared/format.ts";
import { useHover, useHoverStore } from "../shared/hover.ts";
import { Segmented } from "../shared/Segmented.tsx";
import { binOf, filledBins, inRange, moments, type StrengthRange } from "./scanFigures.ts";
import { useAnalysis } from "../shared/result.ts";
import { analysis } from "../../state/queries.ts";

const EMPTY = { edges: [], counts: [] };

export function CorpusHistogram({ scan }: { scan: FeatureScan | null }) {
  const actions = useActions();
  const { results } = useAppStore();
  const hover = useHoverStore();
  const axis = useApp((state) => state.view.countAxis);
  const strength = useMarkedStrength(scan?.index ?? null);
  const bins = useMemo(() => (scan === null ? EMPTY : filledBins(scan.histogram)), [scan]);
  const found = scan === null ? null : moments(scan);
  const positionsWithin = (range: StrengthRange): Set<number> => {
    const tokens = results.read(analysis).data?.tokens;
    if (scan === null || tokens === undefined) return new Set();
    const along = activationsOf(tokens).along(scan.index, "folded");
    return new Set([...along.keys()].filter((position) => inRange(along[position] ?? 0, range)));
  };
  return (
    <div className="corpus-histogram" data-testid="corpus-histogram">
      <BarsFigure
        title="Activations on the corpus"
        height={130}
        histogram={bins}
        log={axis === "log"}
        x="activation, folded"
        y="tokens"
        marked={binOf(bins, strength)}
        onHover={(bin) => {
          const strengths =
            bin === null
              ? null
              : { from: bins.edges[bin] ?? 0, to: bins.edges[bin + 1] ?? Infinity };
          // In the reader's own text too.
          hover.setState({ strengths, marked: strengths && positionsWithin(strengths) });
        }}
        caption={
          found === null
            ? "\u00a0"
            : `Over its ${count(scan?.count ?? 0)} firings: mean ${number(found.mean)}, standard deviation ${number(found.sd)}, largest ${number(found.max)}.`
        }
        description={`Histogram of this feature's strength over ${count(scan?.count ?? 0)} firings in the scanned corpus.`}
      />
      <Segmented
        legend="Count axis"
        testId="switch-counts"
        value={axis}
        onChange={(countAxis) => actions.setView({ countAxis }, "replace")}
        choices={[
          { value: "linear", label: "linear" },
          { value: "log", label: "log" },
        ]}
      />
    </div>
  );
}

/** Of the token under the pointer: in an example, else in the reader's own text; else of the pinned one. */
function useMarkedStrength(index: number | null): number | null {
  const inExample = useHover((hover) => hover.strength);
  const pointed = useHover((hover) => hover.token);
  const pinned = useApp((state) => state.view.token);
  const tokens = useAnalysis().data?.tokens;
  if (inExample !== null) return inExample;
  const position = pointed ?? pinned ?? -1;
  return tokens?.[position] === undefined || index === null
    ? null
    : activationsOf(tokens).at(position, index, "folded");
}
