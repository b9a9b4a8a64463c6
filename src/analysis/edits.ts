// What edits do to the residual stream (docs/maths.md §6.1), in float64: how far each row moves along which
// directions. The directions are a feature's own (Ŵ_dec,i = W_dec,i/‖W_dec,i‖) or, for a control, random ones.

import { defined } from "../lib/defined.ts";
import { type Edit, holdsAt } from "../lib/edits.ts";

/** `amount` times the direction of a slot. */
interface Move {
  readonly slot: number;
  readonly amount: number;
}

/** The moves of each row; a row without any keeps its bits. */
export type EditPlan = readonly (readonly Move[])[];

/** Features that edits name, each once; a feature's place is its slot. */
export const editedFeatures = (edits: readonly Edit[]): number[] => [
  ...new Set(edits.map(({ feature }) => feature)),
];

/** What a plan needs to know of the rows, which are consecutive positions. */
export interface EditedRows {
  readonly rows: number;
  /** Position of row 0. */
  readonly firstPosition: number;
  /** f of a slot's feature, raw. */
  readonly activation: (row: number, slot: number) => number;
  /** Length of what one unit of raw activation adds to the residual. */
  readonly unit: (row: number, slot: number) => number;
  /** Length of what steering by 1 adds. */
  readonly steerUnit: number;
}

export function planEdits(edits: readonly Edit[], given: EditedRows): EditPlan {
  const byFeature = new Map<number, Edit[]>(editedFeatures(edits).map((feature) => [feature, []]));
  for (const edit of edits) byFeature.get(edit.feature)?.push(edit);
  const slots = [...byFeature.values()];
  return Array.from({ length: given.rows }, (_, row) =>
    slots.flatMap((own, slot) => {
      const here = own.filter((edit) => holdsAt(edit.positions, given.firstPosition + row));
      const amount = here.length === 0 ? 0 : amountOf(here, row, slot, given);
      return amount === 0 ? [] : [{ slot, amount }];
    }),
  );
}

function amountOf(edits: readonly Edit[], row: number, slot: number, given: EditedRows): number {
  const f = given.activation(row, slot);
  let edited = f;
  let steered = 0;
  for (const { mode, value = 0 } of edits) {
    if (mode === "ablate") edited = 0;
    else if (mode === "clamp") edited = value;
    else if (mode === "scale") edited *= value;
    else steered += value;
  }
  return (edited - f) * given.unit(row, slot) + steered * given.steerUnit;
}

/** The first row that moves; null where none does. */
export function firstMoved(plan: EditPlan): number | null {
  const first = plan.findIndex((moves) => moves.length > 0);
  return first === -1 ? null : first;
}

/** Rows `from` to the end of x [T, d], moved along directions [slots, d]. */
export function moveRows(
  x: Float32Array,
  plan: EditPlan,
  directions: Float64Array,
  d: number,
  from: number,
): Float32Array {
  const out = x.slice(from * d);
  plan.slice(from).forEach((moves, row) => {
    if (moves.length === 0) return;
    for (let j = 0; j < d; j++) {
      let value = defined(out[row * d + j]);
      for (const { slot, amount } of moves) value += amount * defined(directions[slot * d + j]);
      out[row * d + j] = value;
    }
  });
  return out;
}
