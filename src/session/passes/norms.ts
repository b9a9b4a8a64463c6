// The length of the residual over a text, which steering is measured in.

import { defined } from "../../lib/defined.ts";
import { summarize } from "../../analysis/summary.ts";
import { ROW_STATS, ROW_STATS_COLUMNS, type Tensor } from "../../backend/backend.ts";
import { withScope } from "../../lib/scope.ts";
import type { Session } from "../session.ts";

/** Mean ‖x_t‖ over tokens that are not special, or over all where every one is; NaN where one of them is no number. */
export async function meanNorm(
  { backend }: Session,
  x: Tensor,
  special: readonly boolean[],
): Promise<number> {
  const stats = await withScope(async (own) => backend.read(own(backend.rowStats(x, x))));
  const norms = special.map((_, t) =>
    Math.sqrt(defined(stats[t * ROW_STATS_COLUMNS + ROW_STATS.xx])),
  );
  const plain = norms.filter((_, t) => special[t] !== true);
  return summarize(plain.length > 0 ? plain : norms).mean ?? NaN;
}
