// Prefetches what the page of a feature shows before it is opened.

import { useCallback } from "react";
import { feature, featureScan } from "../../state/queries.ts";
import { useActions } from "./app.ts";

export function usePrepareFeature(): (index: number) => void {
  const actions = useActions();
  return useCallback(
    (index) => {
      actions.prefetch(feature, index);
      actions.prefetch(featureScan, index);
    },
    [actions],
  );
}
