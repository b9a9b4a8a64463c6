// The map of all features with what colours it, its threshold, its counts beside the published ones, and the caveat on
// where the evidence comes from.

import { useId, useMemo, useState } from "react";
import { scanTold } from "../shared/scanTold.ts";
import { useActions, useApp } from "../shared/app.ts";
import { ErrorPanel } from "../errors/ErrorPanel.tsx";
import { count, percent } from "../shared/format.ts";
import { Hostile } from "../shared/Piece.tsx";
import { Pow10 } from "../shared/Pow10.tsx";
import { ProgressBar } from "../shared/ProgressBar.tsx";
import { Segmented } from "../shared/Segmented.tsx";
import { useLabel } from "../tokens/shown.ts";
import { useDark } from "../shared/media.ts";
import { useScanSummary } from "../shared/useScanSummary.ts";
import { densityCounts, FAINT_LOG_DENSITY } from "./deadMap.ts";
import { FeatureMap } from "./FeatureMap.tsx";
import { cloudShape, gridShape } from "./mapShape.ts";
import {
  describeFeature,
  disagreeing,
  FULL_DIFFERENCE,
  mapValues,
  type MapColour,
  type MapValues,
} from "./mapValues.ts";
import { useResult } from "../shared/result.ts";
import { nearest, projection } from "../../state/queries.ts";

export function DeadFeatures() {
  const file = useApp((state) => state.card.data?.sae.logDensity ?? null);
  const features = useApp((state) => state.card.data?.provenance.sae.dSae ?? 0);
  const threshold = useApp((state) => state.view.deadThreshold);
  const colour = useApp((state) => state.view.mapColour);
  const dark = useDark();
  const scan = useScanSummary();
  const [cursor, setCursor] = useState<number | null>(null);
  const map = useMemo(() => mapValues(colour, file, scan ?? null), [colour, file, scan]);
  const shape = useShape(features);
  return (
    <section className="panel dead" data-testid="dead-features">
      <h2>Map of features</h2>
      <MapSwitches />
      <Counts map={map} threshold={threshold} waiting={scan === undefined} />
      <Threshold />
      <FeatureMap
        // Colours are read as it is mounted; a cursor belongs to a shape.
        key={`${dark} ${shape.order} ${features}`}
        shape={shape}
        map={map}
        threshold={threshold}
        cursor={cursor}
        onCursor={setCursor}
      />
      <Readout cursor={cursor} map={map} threshold={threshold} />
      <MapLegend colour={colour} />
      <Source map={map} />
    </section>
  );
}

/** Row by row until the projection that was asked for is there. */
function useShape(features: number) {
  const layout = useApp((state) => state.view.mapLayout);
  const { data, stale } = useResult(projection);
  return useMemo(
    () =>
      layout === "similarity" && data !== null && !stale && data.x.length === features
        ? cloudShape(data)
        : gridShape(features),
    [layout, data, stale, features],
  );
}

function MapSwitches() {
  const actions = useActions();
  const colour = useApp((state) => state.view.mapColour);
  const layout = useApp((state) => state.view.mapLayout);
  return (
    <>
      <div className="toolbar">
        <Segmented
          legend="Rate by"
          testId="switch-map-colour"
          value={colour}
          onChange={(mapColour) => actions.setView({ mapColour })}
          choices={[
            { value: "file", label: "training file", title: "The SAE's sparsity file" },
            { value: "scan", label: "scan", title: "A corpus scanned here, or shipped" },
            { value: "difference", label: "their difference" },
          ]}
        />
        <Segmented
          legend="Cells"
          testId="switch-map-layout"
          value={layout}
          onChange={(mapLayout) => actions.setView({ mapLayout })}
          choices={[
            { value: "number", label: "by number" },
            {
              value: "similarity",
              label: "like with like",
              title: "UMAP of the decoder rows by their nearest neighbours",
            },
          ]}
        />
      </div>
      {layout === "similarity" && <Projecting />}
    </>
  );
}

/** The projection is asked for, waited for, and stopped here: comparing every row with every other takes its time. */
function Projecting() {
  const actions = useActions();
  const rows = useResult(nearest);
  const layout = useResult(projection);
  const running = rows.running ? rows : layout.running ? layout : null;
  const error = rows.error ?? layout.error;
  const stop = (): void => {
    actions.stop(nearest);
    actions.stop(projection);
  };
  if (running !== null) {
    return <ProgressBar progress={running.progress} onCancel={stop} />;
  }
  if (error !== null)
    return <ErrorPanel error={error} onRetry={() => actions.request(projection)} />;
  if (layout.data !== null && !layout.stale) {
    return (
      <p className="caption">
        UMAP of the 15 nearest decoder rows of each feature, by cosine. What lies close together is
        alike; how far two groups lie apart means nothing.
      </p>
    );
  }
  return (
    <p>
      <button
        type="button"
        className="button button-small"
        data-testid="load-projection"
        onClick={() => actions.request(projection)}
      >
        Lay out by similarity
      </button>{" "}
      <span className="soft">compares every decoder row with every other</span>
    </p>
  );
}

interface CountsProps {
  readonly map: MapValues | null;
  readonly threshold: number;
  /** The scan is still being asked for. */
  readonly waiting: boolean;
}

function Counts({ map, threshold, waiting }: CountsProps) {
  const colour = useApp((state) => state.view.mapColour);
  const loaded = useApp((state) => state.card.data !== null);
  const published = useApp((state) => state.card.data?.sae.published);
  const total = map?.values.length ?? 0;
  const metric = colour === "scan" ? "silentInCorpus" : "deadFeatures";
  const known = published?.find((entry) => entry.metric === metric);
  return (
    <p className="dead-count" data-testid="dead-count">
      {!loaded || (map === null && waiting) ? (
        "\u00a0"
      ) : map === null ? (
        <Unknown colour={colour} />
      ) : colour === "difference" ? (
        <>
          {count(disagreeing(map, threshold))} of {count(total)} features are at or under{" "}
          <Pow10 exponent={threshold} /> by one source and over it by the other.
        </>
      ) : (
        <Dead map={map} threshold={threshold} />
      )}
      {map !== null && known !== undefined && (
        <>
          {" "}
          Published: {count(known.value)} (<Hostile text={known.source} />
          ).
        </>
      )}
    </p>
  );
}

function Dead({ map, threshold }: { map: MapValues; threshold: number }) {
  const total = map.values.length;
  const { dead, silent } = useMemo(
    () => densityCounts(map.values, threshold),
    [map.values, threshold],
  );
  return (
    <>
      {count(dead)} of {count(total)} features ({percent(dead / Math.max(1, total))}) fire on at
      most <Pow10 exponent={threshold} /> of tokens; {count(silent)} were never seen to fire.
    </>
  );
}

const Unknown = ({ colour }: { colour: MapColour }) =>
  colour === "scan"
    ? "No corpus was scanned with this SAE yet; the panel beside this one does it."
    : colour === "difference"
      ? "This takes a usable sparsity file and a scan; one of them is not there."
      : "This SAE comes without a usable sparsity file, so nothing is known of how often its features fired in training. Scan a corpus, and choose “scan” above.";

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
  readonly map: MapValues | null;
  readonly threshold: number;
}

function Readout({ cursor, map, threshold }: ReadoutProps) {
  const label = useLabel(cursor);
  return (
    <p className="dead-readout" data-testid="dead-readout">
      {cursor === null ? (
        <span className="soft">
          Point at a cell, or focus the map and use the arrows; Enter opens the feature. Ctrl and
          the wheel, or + and −, zoom.
        </span>
      ) : (
        <>
          {describeFeature(cursor, map, threshold)}{" "}
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

function MapLegend({ colour }: { colour: MapColour }) {
  if (colour === "difference") {
    return (
      <div className="legend-scale dead-scale" aria-hidden="true">
        <span>{FULL_DIFFERENCE} decade rarer in the scan</span>
        <span className="ramp ramp-signed" />
        <span>denser</span>
      </div>
    );
  }
  return (
    <div className="legend-scale dead-scale" aria-hidden="true">
      <span className="swatch swatch-dead" /> dead
      <span className="spacer" />
      <span>
        <Pow10 exponent={FAINT_LOG_DENSITY} />
      </span>
      <span className="ramp" />
      <span>1 (share of tokens)</span>
    </div>
  );
}

function Source({ map }: { map: MapValues | null }) {
  const tokens = useApp((state) => state.card.data?.sae.logDensityTokens ?? null);
  const scan = useScanSummary();
  if (map === null) return null;
  return (
    <p className="caption">
      Every feature is a cell.{" "}
      {map.colour !== "scan" && (
        <>
          Training file: the SAE&rsquo;s sparsity file
          {tokens === null
            ? ", which does not say on how many tokens"
            : `, ${count(tokens)} tokens`}
          ; its counters cover only the last partial window of training, so it over-reports dead
          features.{" "}
        </>
      )}
      {map.colour !== "file" && scan !== null && scan !== undefined && (
        <>
          Scan: {scanTold(scan)}. A feature that was not seen to fire in them may still fire on up
          to 3/N, {percent(3 / scan.tokens)} of tokens (95 %).{" "}
        </>
      )}
      {map.colour === "file" &&
        "A feature that was not seen to fire in N tokens may still fire on up to 3/N of them (95 %)."}
    </p>
  );
}
