// What the corpus scan says of the feature on show; asked for as the feature is shown.

import { useEffect } from "react";
import type { FeatureScan } from "../../lib/scan.ts";
import { useActions, useApp } from "../shared/app.ts";

/** undefined while it is on its way; null where no scan fits what is open. */
export function useFeatureScan(index: number | null): FeatureScan | null | undefined {
  const actions = useActions();
  const data = useApp((state) => state.featureScan.data);
  const stale = useApp((state) => state.featureScan.stale);
  const failed = useApp((state) => state.featureScan.error !== null);
  const running = useApp((state) => state.featureScan.running);
  const open = useApp((state) => state.card.data !== null && !state.card.running);
  const needed = (stale && !running) || data?.index !== index;
  useEffect(() => {
    if (index !== null && open && needed && !failed) actions.loadFeatureScan(index);
  }, [index, open, needed, failed, actions]);
  return data?.index === index ? data.found : undefined;
}
