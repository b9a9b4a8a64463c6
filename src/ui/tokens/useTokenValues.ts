// The values that colour the tokens now: of the shown feature, or of the colour that was chosen.

import { useDeferredValue, useMemo } from "react";
import type { Analysis } from "../../lib/report.ts";
import type { Colour } from "../../state/view.ts";
import { useApp } from "../shared/app.ts";
import { useKnownMaximum } from "../shared/knownMaximum.ts";
import { useShownFeature } from "./shown.ts";
import { colourValues, featureValues, type TokenValues } from "./tokenValues.ts";
import { usePosition, useResult } from "../shared/result.ts";
import { intervention, verification } from "../../state/queries.ts";

/** `feature` overrides the shown feature; `colour` overrides the view's. */
export function useTokenValues(
  analysis: Analysis | null,
  override: { colour?: Colour; feature?: number | null } = {},
): TokenValues | null {
  const chosenColour = useApp((state) => state.view.colour);
  const units = useApp((state) => state.view.units);
  const checks = useResult(verification);
  const effect = useResult(intervention, usePosition());
  const current = useShownFeature();
  const settled = useDeferredValue(current);
  // A preview of a long text is drawn when there is time: pointing and typing go first.
  const shown = current?.why === "hovered" ? settled : current;
  // Pointing at a feature in a list previews it, whatever colours the text otherwise.
  const colour = override.colour ?? (shown?.why === "hovered" ? "feature" : chosenColour);
  const feature = override.feature === undefined ? (shown?.index ?? null) : override.feature;
  const known = useKnownMaximum(feature);
  return useMemo(() => {
    if (analysis === null) return null;
    if (colour !== "feature") {
      return colourValues(
        colour,
        analysis,
        checks.stale ? null : checks.data,
        effect.stale ? null : effect.data,
      );
    }
    return featureValues(analysis, feature ?? -1, units, known);
  }, [analysis, colour, feature, units, known, checks, effect]);
}
