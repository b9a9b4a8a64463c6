// The map itself: one canvas, a cell a feature, drawn in the stylesheet's colours as they are when it is mounted.
// For the keyboard and for screen readers it is a slider over the features.

import { useEffect, useRef, useState, type KeyboardEvent, type MouseEvent } from "react";
import { useActions } from "../shared/app.ts";
import { count } from "../shared/format.ts";
import {
  densityStrength,
  describeCell,
  featureAt,
  mapLayout,
  moveCursor,
  type MapLayout,
} from "./deadMap.ts";

interface Props {
  readonly logDensity: Float32Array | null;
  readonly threshold: number;
  readonly cursor: number | null;
  readonly onCursor: (feature: number | null) => void;
}

/** Cells at least this wide get a hairline between them. */
const GAP_FROM = 4;
const SHADES = 32;

export function DeadMap({ logDensity, threshold, cursor, onCursor }: Props) {
  const actions = useActions();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const features = logDensity?.length ?? 0;
  const layout = mapLayout(Math.max(1, features), Math.max(1, width));

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(([entry]) =>
      setWidth(Math.floor(entry?.contentRect.width ?? 0)),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    if (canvas.current !== null && logDensity !== null && width > 0) {
      draw(canvas.current, logDensity, threshold, mapLayout(logDensity.length, width));
    }
  }, [logDensity, threshold, width]);

  const onMouseMove = (event: MouseEvent<HTMLCanvasElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    onCursor(featureAt(layout, features, event.clientX - box.left, event.clientY - box.top));
  };
  const open = (feature: number | null): void => {
    if (feature !== null) actions.setView({ place: "feature", feature });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (features === 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter") open(cursor);
    else if (event.key === "Escape") onCursor(null);
    else {
      const next = moveCursor(event.key, cursor ?? 0, layout, features);
      if (next === null) return;
      event.preventDefault();
      onCursor(cursor === null ? 0 : next);
    }
  };
  const column = cursor === null ? 0 : cursor % layout.columns;
  const row = cursor === null ? 0 : Math.floor(cursor / layout.columns);
  return (
    <div
      className="dead-map"
      role="slider"
      aria-label={`Map of the firing rates of ${count(features)} features, ${layout.columns} to a row; Enter opens the feature`}
      aria-valuemin={0}
      aria-valuemax={Math.max(0, features - 1)}
      aria-valuenow={cursor ?? 0}
      aria-valuetext={cursor === null ? "no feature" : describeCell(cursor, logDensity, threshold)}
      tabIndex={0}
      data-testid="dead-map"
      onKeyDown={onKeyDown}
      style={{ aspectRatio: `${layout.columns} / ${layout.rows}` }}
    >
      <canvas
        ref={canvas}
        onMouseMove={onMouseMove}
        onMouseLeave={() => onCursor(null)}
        onClick={() => open(cursor)}
      />
      {cursor !== null && (
        <span
          className="dead-cursor"
          style={{
            left: column * layout.cell,
            top: row * layout.cell,
            width: layout.cell,
            height: layout.cell,
          }}
        />
      )}
    </div>
  );
}

function draw(
  canvas: HTMLCanvasElement,
  logDensity: Float32Array,
  threshold: number,
  layout: MapLayout,
): void {
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.round(layout.columns * layout.cell * scale);
  canvas.height = Math.round(layout.rows * layout.cell * scale);
  const context = canvas.getContext("2d");
  if (context === null) return;
  const style = getComputedStyle(canvas);
  const property = (name: string): string => style.getPropertyValue(name).trim();
  const paper = property("--paper");
  const accent = property("--accent");
  const dead = property("--dead");
  const shades = Array.from(
    { length: SHADES + 1 },
    (_, k) => `color-mix(in oklab, ${accent} ${(100 * k) / SHADES}%, ${paper})`,
  );
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  const gap = layout.cell >= GAP_FROM ? 1 : 0;
  logDensity.forEach((value, i) => {
    const alive = shades[Math.round(densityStrength(value) * SHADES)] ?? accent;
    context.fillStyle = value <= threshold ? dead : alive;
    const x = (i % layout.columns) * layout.cell;
    const y = Math.floor(i / layout.columns) * layout.cell;
    context.fillRect(x, y, layout.cell - gap, layout.cell - gap);
  });
}
