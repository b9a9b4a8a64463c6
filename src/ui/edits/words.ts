// Edits and what came of them, in words. Pure.

import type { EditMode, EditPositions } from "../../lib/edits.ts";
import type { Continuation, Controls } from "../../lib/interventions.ts";
import type { ListedEdit } from "../../state/view.ts";
import { number } from "../shared/format.ts";

export const MODES: readonly { value: EditMode; label: string; unit: string; first: number }[] = [
  { value: "ablate", label: "ablate", unit: "to 0", first: 0 },
  { value: "clamp", label: "clamp", unit: "to, in raw units", first: 20 },
  { value: "scale", label: "scale", unit: "times its own activation", first: 2 },
  { value: "steer", label: "steer", unit: "times the mean residual norm", first: 0.5 },
];

export function where(positions: EditPositions): string {
  if (positions === "all") return "everywhere";
  if ("from" in positions) return `from position ${positions.from} on`;
  return positions.length === 1
    ? `at position ${positions.join()}`
    : `at positions ${positions.join(", ")}`;
}

export function what({ mode, value = 0 }: ListedEdit): string {
  if (mode === "ablate") return "ablated";
  if (mode === "clamp") return `clamped to ${number(value)}`;
  return mode === "scale" ? `scaled by ${number(value)}` : `steered by ${number(value)}`;
}

/** From here on an effect is called one that stands out, either way. */
const STANDS_OUT = 3;

/** Whether the effect is the feature's, or any direction's. */
export function verdict({ z, count }: Controls): string {
  if (count < 2) return "without controls nothing tells it from a random direction";
  if (z === null) return "the controls do not vary";
  if (z >= STANDS_OUT) return "stands out from random directions";
  return z <= -STANDS_OUT ? "less than random directions do" : "random directions do as much";
}

const ENDED: Readonly<Record<Continuation["ended"], string>> = {
  length: "",
  eos: ", where the model ends the text",
  context: ", where the model’s context is full",
  stopped: ", stopped",
};

/** How far a continuation went, and why no further. */
export const endedWords = ({ tokens, ended }: Continuation): string =>
  `${tokens.length} ${tokens.length === 1 ? "token" : "tokens"}${ENDED[ended]}`;

/** A z-score: with its sign, to one decimal. */
export function zText(z: number | null): string {
  if (z === null) return "–";
  const size = Math.abs(z).toFixed(1);
  return z < 0 && size !== "0.0" ? `−${size}` : `+${size}`;
}
