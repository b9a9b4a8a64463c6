// What the colours mean: what is measured, the scale's numbers and unit, and how the scale was fixed.

import { useApp } from "../shared/app.ts";
import { number } from "../shared/format.ts";
import { useMaxima } from "../shared/maxima.ts";
import { Hostile } from "../shared/Piece.tsx";
import { useLabel, type ShownFeature } from "../shared/shown.ts";
import type { TokenValues } from "./tokenValues.ts";

interface Props {
  readonly values: TokenValues | null;
  /** Whose activation it is; null where something else colours. */
  readonly feature: ShownFeature | null;
}

export function Legend({ values, feature }: Props) {
  const scale = useApp((state) => state.view.scale);
  const texts = useMaxima().texts;
  const label = useLabel(feature?.index ?? null);
  const silent = values !== null && values.values.every((value) => value === null || value === 0);
  return (
    <div className="legend" data-testid="legend">
      <p className="legend-name">
        {feature !== null && (
          <>
            <strong>#{feature.index}</strong>{" "}
            {label !== null && (
              <>
                <Hostile text={label.label} />{" "}
              </>
            )}
          </>
        )}
        <span className="soft">
          {values === null ? "\u00a0" : `${values.name}, ${values.unit}`}
          {feature?.why === "strongest" && " · strongest of this text"}
          {feature?.why === "hovered" && " · preview"}
        </span>
      </p>
      <div className="legend-scale" aria-hidden="true">
        <span>{values === null ? "" : values.signed ? number(-values.top) : "0"}</span>
        <span className={values?.signed ? "ramp ramp-signed" : "ramp"} />
        <span>{values === null ? "" : number(values.top)}</span>
      </div>
      <p className="legend-note soft">
        {silent
          ? feature === null
            ? "Nothing to colour on this text."
            : "Does not fire on this text."
          : feature === null || scale === "text"
            ? "Full colour: this text's largest."
            : `Full colour: the largest on the ${texts} ${texts === 1 ? "text" : "texts"} seen since opening.`}
      </p>
    </div>
  );
}
