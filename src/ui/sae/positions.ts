// What a scan says of each position of a context. Pure.

import type { ScanSummary } from "../../lib/scan.ts";

/** Means by position in the context; BOS, at 0 where there is one, is counted by no scan. null where no context reached. */
export function meansByPosition(
  { byPosition, sae }: Pick<ScanSummary, "byPosition" | "sae">,
  of: "l0" | "squaredError",
): (number | null)[] {
  const means = byPosition.tokens.map((tokens, i) =>
    tokens === 0 ? null : (byPosition[of][i] ?? 0) / tokens,
  );
  return sae.prependBos ? [null, ...means] : means;
}
