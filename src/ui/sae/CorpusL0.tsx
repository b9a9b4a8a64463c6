// How many features fire on a token of the scanned corpus, beside the log-normal that the model card speaks of.

import { useMemo } from "react";
import { BarsFigure } from "../charts/Figure.tsx";
import { count, number } from "../shared/format.ts";
import { useScanSummary } from "../shared/useScanSummary.ts";
import { expected, fitLogNormal, l0Bins } from "./logNormal.ts";

const BINS = 50;
const EMPTY: readonly number[] = [];

export function CorpusL0() {
  const scan = useScanSummary();
  const l0 = scan?.l0 ?? EMPTY;
  const bins = useMemo(() => l0Bins(l0, BINS), [l0]);
  const fit = useMemo(() => fitLogNormal(l0), [l0]);
  const curve = useMemo(() => (fit === null ? undefined : expected(bins, fit)), [bins, fit]);
  if (scan === null) return null;
  const tokens = l0.reduce((sum, n) => sum + n, 0);
  const mean = l0.reduce((sum, n, value) => sum + n * value, 0) / Math.max(1, tokens);
  return (
    <div data-testid="corpus-l0">
      <BarsFigure
        title="L0 on the corpus"
        histogram={bins}
        {...(curve !== undefined && { curve })}
        whole
        x="features that fire"
        y="tokens"
        caption={
          scan === undefined
            ? "\u00a0"
            : `${count(tokens)} tokens, mean ${number(mean)}.${fit === null ? "" : ` Line: log-normal by the moments of ln L0 (μ ${number(fit.mu)}, σ ${number(fit.sigma)}).`}`
        }
        description={`Histogram of L0 over ${count(tokens)} tokens of the scanned corpus, with a log-normal fit.`}
      />
    </div>
  );
}
