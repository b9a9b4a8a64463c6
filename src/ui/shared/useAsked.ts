// Asks the store for what a place shows, as it is needed: once for each key, again where the run was stopped because
// something else was opened, and not again by itself where it failed.

import { useEffect, useRef } from "react";
import type { Loadable } from "../../state/store.ts";
import { useActions } from "./app.ts";

/**
 * @param slot what is known of it, whole: a run that is stopped leaves all else of it as it was before.
 * @param key which of its kind is needed; null: none is, or it is there.
 */
export function useAsked(
  slot: Loadable<unknown>,
  key: number | null,
  ask: "loadFeature" | "loadFeatureScan" | "loadPromoters",
): void {
  const actions = useActions();
  const asked = useRef<number | null>(null);
  useEffect(() => {
    const { running, error } = slot;
    if (key === null || (key === asked.current && (running || error !== null))) return;
    asked.current = key;
    actions[ask](key);
  }, [slot, key, ask, actions]);
}
