// What the colours mean: what is measured, the scale's numbers and unit, and how the scale was fixed.

import { number } from "../shared/format.ts";
import { useKnownMaximum } from "../shared/knownMaximum.ts";
import { Hostile } from "../shared/Piece.tsx";
import { useLabel, type ShownFeature } from "./shown.ts";
import type { TokenValues } from "./tokenValues.ts";

const WHY: Record<ShownFeature["why"], string> = {
  chosen: "chosen",
  strongest: "strongest on this text, none is chosen",
  hovered: "preview",
};

interface Props {
  readonly values: TokenValues | null;
  /** Whose activation it is; null where something else colours. */
  readonly feature: ShownFeature | null;
}

export function Legend({ values, feature }: Props) {
  const known = useKnownMaximum(feature?.index ?? null);
  const label = useLabel(feature?.index ?? null);
  const silent = values !== null && values.values.every((value) => value === null || value === 0);
  const notes: string[] = [];
  if (values !== null) {
    notes.push(feature === null ? values.unit : `${values.name}, ${values.unit}`);
    if (feature !== null) notes.push(WHY[feature.why]);
    if (silent)
      notes.push(
        feature === null ? "nothing to colour on this text" : "does not fire on this text",
      );
    else
      notes.push(
        `full colour is ${known === null ? "this text’s largest" : "the largest on the scanned corpus"}`,
      );
  }
  return (
    <div className="legend" data-testid="legend">
      <p className="legend-name">
        {feature !== null ? (
          <>
            <strong>#{feature.index}</strong> {label !== null && <Hostile text={label.label} />}
          </>
        ) : (
          <strong>{values?.name ?? "\u00a0"}</strong>
        )}
      </p>
      <div
        className="legend-scale"
        aria-hidden="true"
        data-empty={values === null || silent || undefined}
      >
        <span>{values?.signed ? number(-values.top) : "0"}</span>
        <span className={values?.signed ? "ramp ramp-signed" : "ramp"} />
        <span>{number(values?.top)}</span>
      </div>
      <p className="legend-note soft">{notes.join("; ") || "\u00a0"}</p>
    </div>
  );
}
