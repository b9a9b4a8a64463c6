// The cache of this browser, opened when it is first asked for: a visit that reads nothing from a hub opens nothing.

import type { FacetError } from "../../lib/errors.ts";
import type { HubCache } from "./hubCache.ts";

/** null from the result where the browser has no storage for this page. */
export function browserCache(
  onTrouble: (error: FacetError) => void,
): () => Promise<HubCache | null> {
  let opened: Promise<HubCache | null> | null = null;
  return () => (opened ??= open(onTrouble));
}

async function open(onTrouble: (error: FacetError) => void): Promise<HubCache | null> {
  const [{ HUB_PLACE, openOpfsStore }, { openHubCache }] = await Promise.all([
    import("./opfsStore.ts"),
    import("./hubCache.ts"),
  ]);
  const store = await openOpfsStore(HUB_PLACE);
  return store && openHubCache(store, onTrouble);
}
