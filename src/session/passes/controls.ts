// Controls of an intervention: the same edit along random directions of equal length, run like the edit itself.

import { randomDirections } from "../../analysis/controls.ts";
import type { Tensor } from "../../backend/backend.ts";
import type { JobOptions } from "../../lib/progress.ts";
import { randomSource } from "../../lib/random.ts";
import { withScope } from "../../lib/scope.ts";
import { branchesTogether, type Trunk } from "./branches.ts";
import type { Editing, PlannedRows } from "./editing.ts";
import type { Session } from "../session.ts";

/**
 * For each control its rows from `from`, the first that the edit moves, after the final norm. The caller's. Every edited
 * feature gets one direction in each control, the same at all positions.
 */
export async function runControls(
  { backend, sae }: Session,
  {
    trunk,
    editing,
    planned,
    from,
  }: {
    readonly trunk: Trunk;
    readonly editing: Editing;
    readonly planned: PlannedRows;
    readonly from: number;
  },
  { controls, seed }: { readonly controls: number; readonly seed: number },
  options: JobOptions,
): Promise<Tensor[]> {
  const next = randomSource(seed);
  const length = planned.plan.length - from;
  const together = branchesTogether(length);
  const done: Tensor[] = [];
  try {
    while (done.length < controls) {
      await withScope(async (own) => {
        const moved = Array.from({ length: Math.min(together, controls - done.length) }, () => {
          const directions = randomDirections(next, editing.slots, sae.sae.config.dIn);
          return own(editing.move(planned, from, directions));
        });
        const branches = moved.map(() => ({ from, rows: length }));
        const rows = own(await trunk.branch(own(backend.concatRows(moved)), branches, options));
        for (let i = 0; i < branches.length; i++) {
          done.push(backend.sliceRows(rows, i * length, (i + 1) * length));
        }
      });
      options.onProgress?.({
        stage: "Running controls",
        done: done.length,
        total: controls,
        unit: "steps",
      });
    }
    return done;
  } catch (error) {
    for (const rows of done) rows.dispose();
    throw error;
  }
}
