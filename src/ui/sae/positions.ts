// What a scan says of each position of a context. Pure.

import type { ScanSummary } from "../../lib/scan.ts";

/** Means by position in the context; BOS, at 0, is counted by no scan. null where no context reached. */
export function meansByPosition(
  { byPosition }: Pick<ScanSummary, "byPosition">,
  of: "l0" | "squaredError",
): (number | null)[] {
  const means = byPosition.tokens.map((tokens, i) =>
    tokens === 0 ? null : (byPosition[of][i] ?? 0) / tokens,
  );
  return [null, ...means];
}
