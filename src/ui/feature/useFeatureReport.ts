// The report of the feature on show. The store looks up a chosen feature by itself; the text's strongest is asked for here.

import { useEffect } from "react";
import type { FeatureFacts } from "../../lib/report.ts";
import { useActions, useApp } from "../shared/app.ts";

/** null while it is on its way. */
export function useFeatureReport(index: number | null): FeatureFacts | null {
  const actions = useActions();
  const data = useApp((state) => state.feature.data);
  const chosen = useApp((state) => state.view.feature);
  const open = useApp((state) => state.card.data !== null && !state.card.running);
  // Another model or SAE may have a feature of the same number: its report is asked for as the old one goes stale.
  const needed = useApp(({ feature }) => feature.stale || feature.data?.index !== index);
  useEffect(() => {
    if (index !== null && chosen === null && open && needed) actions.loadFeature(index);
  }, [index, chosen, open, needed, actions]);
  return data?.index === index ? data : null;
}
