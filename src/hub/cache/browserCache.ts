// The cache of this browser, opened when it is first asked for: a visit that reads nothing from a hub opens nothing.

import { describe, FacetError } from "../../lib/errors.ts";
import { once } from "../../lib/once.ts";
import type { HubCache } from "./hubCache.ts";
import type { CacheStore } from "./store.ts";

/**
 * The result gives null where the browser has no storage for this page, or none that opens: then hubs are read without
 * a cache, the reader is told, once, and a storage that failed is tried again by the next who asks.
 * @param open another storage, for tests.
 */
export function browserCache(
  onTrouble: (error: FacetError) => void,
  open: () => Promise<CacheStore | null> = openHubPlace,
): () => Promise<HubCache | null> {
  const opened = once("opening the browser's storage", async () => {
    const [store, { openHubCache }] = await Promise.all([open(), import("./hubCache.ts")]);
    return store && openHubCache(store, onTrouble);
  });
  let told = false;
  const tell = (found: string, cause?: unknown): null => {
    if (!told) {
      const full = cause instanceof Error && cause.name === "QuotaExceededError";
      onTrouble(
        new FacetError(
          full ? "QuotaExceeded" : "Network",
          `Opening the browser's storage for this page: ${found}. Models and SAEs of hubs open all the same, but what is read is not kept and comes from the network again the next time. ${full ? "Delete what is stored of this page or others" : "Allow this page to keep site data"} where it should be kept.`,
          cause,
        ),
      );
    }
    told = true;
    return null;
  };
  return async () => {
    try {
      return (await opened()) ?? tell("it offers none, or its settings block it");
    } catch (error) {
      return tell(`it fails (${describe(error)})`, error);
    }
  };
}

async function openHubPlace(): Promise<CacheStore | null> {
  const { HUB_PLACE, openOpfsStore } = await import("./opfsStore.ts");
  return openOpfsStore(HUB_PLACE);
}
