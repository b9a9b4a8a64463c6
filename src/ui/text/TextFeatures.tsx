// The strongest features of the whole text, ranked and filtered as the reader likes. Special tokens are left out.

import { useMemo, useState } from "react";
import type { Ranking } from "../../state/view.ts";
import { useActions, useApp } from "../shared/app.ts";
import { FeatureRow } from "../tokens/FeatureRow.tsx";
import { count } from "../shared/format.ts";
import { Segmented } from "../shared/Segmented.tsx";
import { useRankOptions } from "../tokens/shown.ts";
import { DensityRange } from "../shared/DensityRange.tsx";
import { profile, rankText } from "../tokens/rankFeatures.ts";
import { useAnalysis } from "../shared/result.ts";

const SHOWN = 14;

const NONE = "No feature fires on an ordinary token of this text, or all that do are filtered out.";

const WHAT: Record<Ranking, string> = {
  max: "strongest activation on one token",
  sum: "activation summed over tokens",
  count: "number of tokens it fires on",
};

export function TextFeatures() {
  const actions = useActions();
  const { data: analysis, stale } = useAnalysis();
  const ranking = useApp((state) => state.view.ranking);
  const units = useApp((state) => state.view.units);
  const options = useRankOptions();
  const densityKnown = options.logDensity !== null;
  const [more, setMore] = useState(0);
  const ranked = useMemo(
    () => (analysis === null ? [] : rankText(analysis.tokens, options)),
    [analysis, options],
  );
  const rows = useMemo(
    () =>
      ranked.slice(0, SHOWN + more).map((feature) => ({
        ...feature,
        profile: analysis === null ? [] : profile(analysis.tokens, feature.index, units),
        peak: analysis?.tokens[feature.at]?.token ?? "",
      })),
    [ranked, more, analysis, units],
  );
  return (
    <section className="panel" data-testid="text-features" data-stale={stale || undefined}>
      <header className="panel-head">
        <h2>Whole text</h2>
        <p className="soft two-lines">
          {analysis === null
            ? "\u00a0"
            : ranked.length === 0
              ? NONE
              : `${count(ranked.length)} features by ${WHAT[ranking]}; special tokens left out`}
        </p>
      </header>
      <div className="toolbar">
        <Segmented
          legend="Rank by"
          testId="switch-ranking"
          value={ranking}
          onChange={(value) => actions.setView({ ranking: value })}
          choices={[
            { value: "max", label: "max" },
            { value: "sum", label: "sum" },
            { value: "count", label: "count" },
          ]}
        />
        <DensityRange known={densityKnown} />
      </div>
      <ol className="feature-list" style={{ "--rows": SHOWN }}>
        {rows.map((row) => (
          <FeatureRow
            key={row.index}
            index={row.index}
            value={row.value}
            top={ranked[0]?.value ?? 0}
            profile={row.profile}
            peak={row.peak}
            whole={ranking === "count"}
          />
        ))}
      </ol>
      <p className="panel-foot soft">
        {ranked.length > SHOWN + more && (
          <button type="button" className="link" onClick={() => setMore(more + 50)}>
            show more of {count(ranked.length)}
          </button>
        )}
      </p>
    </section>
  );
}
