// What a corpus scan says of all features.

import type { ScanSummary } from "../../lib/scan.ts";
import { scanSummary } from "../../state/queries.ts";
import { useResult } from "./result.ts";

/** null where no scan fits what is open; undefined while it is on its way. */
export function useScanSummary(): ScanSummary | null | undefined {
  const { data, stale, running } = useResult(scanSummary);
  return stale || running ? undefined : data;
}
