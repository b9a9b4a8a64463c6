// The view with its two sides the other way round: B open, A beside it. Pure.

import type { View } from "../../state/view.ts";

export function swapped(view: View): Partial<View> {
  return {
    sae: view.otherSae ?? view.sae,
    precision: view.otherPrecision,
    activation: view.otherActivation,
    otherSae: view.sae,
    otherPrecision: view.precision,
    otherActivation: view.activation,
  };
}
