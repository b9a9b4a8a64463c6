// The dead-feature map with its threshold, its counts, and the caveat on where the evidence comes from.

import { useId, useMemo, useState } from "react";
import { useActions, useApp } from "../shared/app.ts";
import { count, percent } from "../shared/format.ts";
import { Hostile } from "../shared/Piece.tsx";
import { Pow10 } from "../shared/Pow10.tsx";
import { useLabel } from "../shared/shown.ts";
import { useDark } from "../shared/media.ts";
import { DeadMap } from "./DeadMap.tsx";
import { densityCounts, describeCell, FAINT_LOG_DENSITY } from "./deadMap.ts";

export function DeadFeatures() {
  const logDensity = useApp((state) => state.card.data?.sae.logDensity ?? null);
  const tokens = useApp((state) => state.card.data?.sae.logDensityTokens ?? null);
  const threshold = useApp((state) => state.view.deadThreshold);
  const loaded = useApp((state) => state.card.data !== null);
  const dark = useDark();
  const [cursor, setCursor] = useState<number | null>(null);
  const counts = useMemo(
    () => (logDensity === null ? null : densityCounts(logDensity, threshold)),
    [logDensity, threshold],
  );
  const total = logDensity?.length ?? 0;
  if (loaded && logDensity === null) {
    return (
      <section className="panel">
        <h2>Dead features</h2>
        <p className="note">
          This SAE comes without a sparsity file, so nothing is known of how often its features
          fire. Its features can still be explored on your text.
        </p>
      </section>
    );
  }
  return (
    <section className="panel dead" data-testid="dead-features">
      <h2>Dead features</h2>
      <p className="dead-count" data-testid="dead-count">
        {counts === null
          ? "\u00a0"
          : `${count(counts.dead)} of ${count(total)} features (${percent(counts.dead / Math.max(1, total))}) `}
        {counts !== null && (
          <>
            fire on at most <Pow10 exponent={threshold} /> of tokens; {count(counts.silent)} were
            never seen to fire.
          </>
        )}
      </p>
      <Threshold />
      <DeadMap
        key={dark ? "dark" : "light"}
        logDensity={logDensity}
        threshold={threshold}
        cursor={cursor}
        onCursor={setCursor}
      />
      <Readout cursor={cursor} logDensity={logDensity} threshold={threshold} />
      <div className="legend-scale dead-scale" aria-hidden="true">
        <span className="swatch swatch-dead" /> dead
        <span className="spacer" />
        <span>
          <Pow10 exponent={FAINT_LOG_DENSITY} />
        </span>
        <span className="ramp" />
        <span>1 (share of tokens)</span>
      </div>
      <p className="caption">
        Every feature is a cell, row by row. Source: the SAE&rsquo;s sparsity file
        {tokens === null ? ", which does not say on how many tokens" : `, ${count(tokens)} tokens`}.
        Its counters cover only the last partial window of training, so it over-reports dead
        features: a feature that was not seen to fire in N tokens may still fire on up to 3/N of
        them (95 %).
      </p>
    </section>
  );
}

function Threshold() {
  const actions = useActions();
  const threshold = useApp((state) => state.view.deadThreshold);
  const id = useId();
  return (
    <div className="threshold">
      <label htmlFor={id}>Dead at or under</label>
      <input
        id={id}
        data-testid="dead-threshold"
        type="range"
        min={-10}
        max={-1}
        step={0.5}
        value={threshold}
        aria-valuetext={`10 to the power ${threshold}`}
        onChange={(event) =>
          actions.setView({ deadThreshold: Number(event.target.value) }, "replace")
        }
      />
      <output htmlFor={id}>
        <Pow10 exponent={threshold} />
      </output>
    </div>
  );
}

interface ReadoutProps {
  readonly cursor: number | null;
  readonly logDensity: Float32Array | null;
  readonly threshold: number;
}

function Readout({ cursor, logDensity, threshold }: ReadoutProps) {
  const label = useLabel(cursor);
  return (
    <p className="dead-readout" data-testid="dead-readout">
      {cursor === null ? (
        <span className="soft">
          Point at a cell, or focus the map and use the arrows; Enter opens the feature.
        </span>
      ) : (
        <>
          {describeCell(cursor, logDensity, threshold)}{" "}
          {label !== null && (
            <span className="soft">
              <Hostile text={label.label} />
            </span>
          )}
        </>
      )}
    </p>
  );
}
