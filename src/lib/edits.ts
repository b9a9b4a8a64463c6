// Edits of features as plain data, as they stand in calls, links and reports, and the check of what strangers give.
// What they do to the residual stream is analysis/edits.ts's.

import { FacetError } from "./errors.ts";
import { isJsonObject, show } from "./json.ts";

export const EDIT_MODES = ["ablate", "clamp", "scale", "steer"] as const;
export type EditMode = (typeof EDIT_MODES)[number];

/**
 * Token positions, BOS being 0: those listed, all of them (BOS too), or all from one on. In a generation the last two
 * hold for generated tokens as well.
 */
export type EditPositions = readonly number[] | "all" | { readonly from: number };

/**
 * A change to one feature. The residual at the SAE's hook becomes x + Σ_i (f'_i − f_i)·W_dec,i, mapped back through the
 * SAE's normalisation; the error term x − x̂ stays, and where nothing changes x keeps its bits.
 * - `ablate`: f' = 0.
 * - `clamp`: f' = value, in the units of `raw` activations (the SAE's own, normalised space).
 * - `scale`: f' = value·f.
 * - `steer`: adds value·r·W_dec,i/‖W_dec,i‖, where r is the text's mean residual norm at the hook
 *   (`Intervention.residualNorm`); it asks for no activation.
 * Several edits of one feature apply in their order.
 */
export interface Edit {
  readonly feature: number;
  readonly mode: EditMode;
  /** Of every mode but ablate. */
  readonly value?: number;
  readonly positions: EditPositions;
}

/** Values beyond ± these are a mistake: the residual would be thousands of times its usual size. */
export const EDIT_LIMITS: Readonly<Record<Exclude<EditMode, "ablate">, number>> = {
  clamp: 100_000,
  scale: 1000,
  steer: 100,
};
/** Far more than anyone writes; a list that is longer is a mistake, or a trap. */
const MOST_EDITS = 4096;

export interface EditBounds {
  /** Features are numbered from 0 to dSae − 1. */
  readonly dSae: number;
  /** Positions from 0 to tokens − 1 can be edited. */
  readonly tokens: number;
}

/** Edits as they are understood, or an error that says which one is not, and why. */
export function checkEdits(given: unknown, bounds: EditBounds): Edit[] {
  if (!Array.isArray(given)) throw malformed("Reading edits", `found ${show(given)}; give a list`);
  if (given.length > MOST_EDITS) {
    throw malformed("Reading edits", `there are ${given.length}; give at most ${MOST_EDITS}`);
  }
  return (given as unknown[]).map((edit, i) => checkEdit(edit, `Reading edit ${i + 1}`, bounds));
}

function checkEdit(given: unknown, doing: string, { dSae, tokens }: EditBounds): Edit {
  if (!isJsonObject(given)) {
    throw malformed(doing, `found ${show(given)}; give { feature, mode, value, positions }`);
  }
  const { feature } = given;
  if (typeof feature !== "number" || !Number.isInteger(feature) || feature < 0 || feature >= dSae) {
    throw new FacetError(
      "NoSuchFeature",
      `${doing}: its feature is ${show(feature)}; this SAE's features are numbered from 0 to ${dSae - 1}.`,
    );
  }
  const mode = EDIT_MODES.find((known) => known === given["mode"]);
  if (mode === undefined) {
    throw malformed(doing, `its mode is ${show(given["mode"])}; give ${EDIT_MODES.join(", ")}`);
  }
  const positions = checkPositions(given["positions"], doing, tokens);
  if (mode === "ablate") return { feature, mode, positions };
  const { value } = given;
  const most = EDIT_LIMITS[mode];
  if (typeof value !== "number" || !(Math.abs(value) <= most)) {
    throw malformed(
      doing,
      `its value is ${show(value)}; for ${mode} give one from ${-most} to ${most}`,
    );
  }
  return { feature, mode, value, positions };
}

function checkPositions(given: unknown, doing: string, tokens: number): EditPositions {
  const within = (position: unknown): number => {
    if (typeof position === "number" && Number.isInteger(position)) {
      if (position >= 0 && position < tokens) return position;
    }
    throw malformed(doing, `it names position ${show(position)}; there are 0 to ${tokens - 1}`);
  };
  if (given === "all") return "all";
  if (Array.isArray(given) && given.length <= tokens) return (given as unknown[]).map(within);
  if (isJsonObject(given)) return { from: within(given["from"]) };
  throw malformed(
    doing,
    `its positions are ${show(given)}; give "all", { from: position } or a list of positions of the text`,
  );
}

const malformed = (doing: string, found: string): FacetError =>
  new FacetError("Format", `${doing}: ${found}.`);

/** Does an edit with these positions hold at this one? */
export function holdsAt(positions: EditPositions, position: number): boolean {
  if (positions === "all") return true;
  return "from" in positions ? position >= positions.from : positions.includes(position);
}
