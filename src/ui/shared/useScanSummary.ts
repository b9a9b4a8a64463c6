// What a corpus scan says of all features, asked for by whatever place needs it.

import { useEffect } from "react";
import type { ScanSummary } from "../../lib/scan.ts";
import { useActions, useApp, useAppStore } from "./app.ts";

/**
 * null where no scan fits what is open; undefined while it is on its way.
 * @param wanted false: it is not asked for, and undefined unless it is there already.
 */
export function useScanSummary(wanted = true): ScanSummary | null | undefined {
  const actions = useActions();
  const store = useAppStore();
  // The whole of it: a run that is stopped because something else was opened leaves all else of it as it was.
  const slot = useApp((state) => state.scanSummary);
  const open = useApp((state) => state.card.data !== null && !state.card.running);
  const { data, stale } = slot;
  const needed = wanted && open && (data === null || stale);
  useEffect(() => {
    // Several parts of a place need it at once: the first of them asks.
    const { running } = store.getState().scanSummary;
    if (needed && !running && slot.error === null) actions.loadScanSummary();
  }, [needed, slot, store, actions]);
  return data === null || stale ? undefined : data.found;
}
