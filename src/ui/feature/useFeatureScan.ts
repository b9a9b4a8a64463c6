// What the corpus scan says of the feature on show; asked for as the feature is shown.

import type { FeatureScan } from "../../lib/scan.ts";
import { useApp } from "../shared/app.ts";
import { useCurrentIsOpen } from "../shared/shown.ts";
import { useAsked } from "../shared/useAsked.ts";

/** undefined while it is on its way; null where no scan fits what is open. */
export function useFeatureScan(index: number | null): FeatureScan | null | undefined {
  const slot = useApp((state) => state.featureScan);
  const open = useCurrentIsOpen();
  const { data, stale } = slot;
  useAsked(slot, open && (stale || data?.index !== index) ? index : null, "loadFeatureScan");
  return data?.index === index ? data.found : undefined;
}
