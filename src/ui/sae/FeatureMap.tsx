// The map itself: one canvas, a cell a feature, drawn in the stylesheet's colours as they are when it is mounted. It zooms
// about the pointer or the cursor, and is moved by dragging. For the keyboard and for screen readers it is a slider over
// the features.

import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { useActions } from "../shared/app.ts";
import { focusHeading } from "../shared/focus.ts";
import { count } from "../shared/format.ts";
import { drawMap, drawnSide } from "./drawMap.ts";
import { moved, placeOf, WHOLE, zoomed, type MapShape, type Zoom } from "./mapShape.ts";
import { describeFeature, type MapValues } from "./mapValues.ts";

interface Props {
  readonly shape: MapShape;
  /** null while it is not known: the map's room is kept. */
  readonly map: MapValues | null;
  readonly threshold: number;
  readonly cursor: number | null;
  readonly onCursor: (feature: number | null) => void;
}

const STEP = 1.6;
/** Pixels under which a press is a click and no drag. */
const STILL = 4;

export function FeatureMap({ shape, map, threshold, cursor, onCursor }: Props) {
  const actions = useActions();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [zoom, setZoom] = useState<Zoom>(WHOLE);
  const drag = useRef<{ x: number; y: number; far: boolean } | null>(null);
  const unit = Math.max(1, width * zoom.scale);

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
    if (canvas.current !== null && map !== null && width > 0)
      drawMap(canvas.current, { shape, map, threshold, zoom, width });
  }, [shape, map, threshold, zoom, width]);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    // With Ctrl, which a pinch sends too; the wheel alone scrolls the page.
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      const box = element.getBoundingClientRect();
      const factor = Math.exp(-event.deltaY / 200);
      setZoom((old) => {
        const scaled = box.width * old.scale;
        const x = old.x + (event.clientX - box.left) / scaled;
        const y = old.y + (event.clientY - box.top) / scaled;
        return zoomed(old, factor, x, y, shape.height);
      });
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [shape]);

  const featureAt = (event: PointerEvent): number | null => {
    const box = event.currentTarget.getBoundingClientRect();
    return shape.find(
      zoom.x + (event.clientX - box.left) / unit,
      zoom.y + (event.clientY - box.top) / unit,
    );
  };
  const open = (feature: number | null): void => {
    if (feature !== null) actions.setView({ place: "feature", feature });
  };
  const onPointerMove = (event: PointerEvent): void => {
    const from = drag.current;
    if (from === null) {
      onCursor(featureAt(event));
      return;
    }
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
    if (!from.far && Math.hypot(dx, dy) < STILL) return;
    drag.current = { x: event.clientX, y: event.clientY, far: true };
    setZoom((old) => moved(old, -dx / unit, -dy / unit, shape.height));
  };
  const onPointerUp = (event: PointerEvent): void => {
    const dragged = drag.current?.far === true;
    drag.current = null;
    if (!dragged) open(featureAt(event));
  };
  const place = cursor === null ? null : placeOf(shape, cursor);
  /** About the cursor, or the middle of what is on show. */
  const step = (factor: number): void => {
    const half = 0.5 / zoom.scale;
    const middle = [zoom.x + half, zoom.y + half * shape.height] as const;
    const [x, y] = place ?? middle;
    setZoom(zoomed(zoom, factor, x, y, shape.height));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (shape.features === 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" && cursor !== null) {
      open(cursor);
      focusHeading();
    } else if (event.key === "Escape") onCursor(null);
    else if (event.key === "+" || event.key === "=") step(STEP);
    else if (event.key === "-") step(1 / STEP);
    else if (event.key === "0") setZoom(WHOLE);
    else {
      const next = shape.move(event.key, cursor ?? 0);
      if (next === null) return;
      event.preventDefault();
      const feature = cursor === null ? 0 : next;
      onCursor(feature);
      setZoom(following(zoom, shape, feature));
    }
  };
  const side = drawnSide({ shape, zoom, width });
  const shift = (shape.side * unit - side) / 2;
  return (
    <div className="map-frame">
      <div
        className="dead-map"
        role="slider"
        aria-label={`Map of ${count(shape.features)} features, ${shape.order}; Enter opens the feature, plus and minus zoom`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, shape.features - 1)}
        aria-valuenow={cursor ?? 0}
        aria-valuetext={cursor === null ? "no feature" : describeFeature(cursor, map, threshold)}
        tabIndex={0}
        data-testid="dead-map"
        onKeyDown={onKeyDown}
        style={{ aspectRatio: `1 / ${shape.height}` }}
      >
        <canvas
          ref={canvas}
          data-zoomed={zoom.scale > 1 || undefined}
          onPointerDown={(event) => {
            drag.current = { x: event.clientX, y: event.clientY, far: false };
          }}
          onPointerMove={onPointerMove}
          onPointerUp={onPointerUp}
          onPointerLeave={() => {
            drag.current = null;
            onCursor(null);
          }}
        />
        {place !== null && (
          <span
            className="dead-cursor"
            style={{
              left: (place[0] - zoom.x) * unit + shift,
              top: (place[1] - zoom.y) * unit + shift,
              width: side,
              height: side,
            }}
          />
        )}
      </div>
      <div className="map-zoom" role="group" aria-label="Zoom">
        <button type="button" aria-label="Zoom in" onClick={() => step(STEP)}>
          +
        </button>
        <button
          type="button"
          aria-label="Zoom out"
          disabled={zoom.scale === 1}
          onClick={() => step(1 / STEP)}
        >
          −
        </button>
        <button
          type="button"
          aria-label="Whole map"
          disabled={zoom.scale === 1}
          onClick={() => setZoom(WHOLE)}
        >
          ⤢
        </button>
      </div>
    </div>
  );
}

/** With the feature in sight. */
function following(zoom: Zoom, shape: MapShape, feature: number): Zoom {
  const place = placeOf(shape, feature);
  if (place === null) return zoom;
  const [x, y] = place;
  const [right, bottom] = [zoom.x + 1 / zoom.scale, zoom.y + shape.height / zoom.scale];
  const dx = x < zoom.x ? x - zoom.x : Math.max(0, x + shape.side - right);
  const dy = y < zoom.y ? y - zoom.y : Math.max(0, y + shape.side - bottom);
  return dx === 0 && dy === 0 ? zoom : moved(zoom, dx, dy, shape.height);
}
