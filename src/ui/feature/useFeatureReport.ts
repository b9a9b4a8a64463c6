// The report of the feature on show. The store looks up a chosen feature by itself; the text's strongest is asked for here.

import type { FeatureFacts } from "../../lib/report.ts";
import { useApp } from "../shared/app.ts";
import { useCurrentIsOpen } from "../shared/shown.ts";
import { useAsked } from "../shared/useAsked.ts";

/** null while it is on its way. */
export function useFeatureReport(index: number | null): FeatureFacts | null {
  const slot = useApp((state) => state.feature);
  const chosen = useApp((state) => state.view.feature);
  const open = useCurrentIsOpen();
  // Another model or SAE may have a feature of the same number: its report is asked for as the old one goes stale.
  const { data, stale } = slot;
  const needed = open && chosen === null && (stale || data?.index !== index);
  useAsked(slot, needed ? index : null, "loadFeature");
  return data?.index === index ? data : null;
}
