// Signing in with a hub's account: the page leaves for the hub and comes back with a code, which the worker trades for
// a token. Only where the site is registered with the hub as an OAuth app; pasting a token always works.

import { FacetError } from "../lib/errors.ts";
import { isJsonObject } from "../lib/json.ts";
import type { WorkerClient } from "../worker/messages.ts";
import { fitted } from "./linkLength.ts";
import type { Memory } from "./memory.ts";
import type { SafeStorage } from "./storage.ts";

/** What signing in asks of the browser. */
export interface SignInPlace {
  /** Address of the page without query and fragment: where the hub sends the reader back to. */
  readonly page: string;
  /** The address as it is now, with its query. */
  readonly address: string;
  /** The view's fragment as it is now. */
  fragment(): string;
  /** Kept until the reader comes back, in this tab alone. */
  readonly storage: SafeStorage;
  leave(url: string): void;
  /** Takes the code out of the address bar and puts the view's fragment back. */
  restore(fragment: string): void;
}

/** Signing in, as the store uses it. */
export interface HubAccount {
  /** Under way when the page was opened by a reader who comes back; the first opening waits for it. */
  readonly returning: Promise<void> | null;
  leave(endpoint: string): Promise<void>;
}

export function hubAccount(
  client: WorkerClient,
  place: SignInPlace,
  memory: Memory,
  clientId: string,
): HubAccount {
  return {
    returning: comeBack(client, place, memory),
    leave: (endpoint) => leaveToSignIn(client, place, clientId, endpoint),
  };
}

const KEY = "facet.signing-in";

interface Kept {
  readonly endpoint: string;
  readonly fragment: string;
  readonly pending: unknown;
}

async function leaveToSignIn(
  client: WorkerClient,
  place: SignInPlace,
  clientId: string,
  endpoint: string,
): Promise<void> {
  const redirectUrl = place.page;
  const { url, pending } = await client.call("beginSignIn", [{ endpoint, clientId, redirectUrl }]);
  const fragment = place.fragment();
  const keep = (kept: Kept): boolean => place.storage.setItem(KEY, JSON.stringify(kept));
  // A text of megabytes may be too much; the view comes back without it then, and says so.
  if (
    !keep({ endpoint, fragment, pending }) &&
    !keep({ endpoint, fragment: fitted(fragment.split("&")).fragment, pending })
  ) {
    place.storage.removeItem(KEY);
    throw new FacetError(
      "QuotaExceeded",
      `Signing in at ${endpoint}: this browser keeps nothing for this page, so it would not know what you come back with. Paste an access token instead.`,
    );
  }
  place.leave(url);
}

/**
 * For a page that is opened: where the reader comes back from signing in, the view's fragment stands again at once,
 * and the promise ends with the token in `memory`. null where they come from elsewhere.
 */
function comeBack(client: WorkerClient, place: SignInPlace, memory: Memory): Promise<void> | null {
  const stored = place.storage.getItem(KEY);
  const query = URL.parse(place.address)?.searchParams;
  if (stored === null || !query?.has("state")) return null;
  place.storage.removeItem(KEY);
  const kept = parseKept(stored);
  if (kept === null) return null;
  const { endpoint, fragment, pending } = kept;
  place.restore(fragment);
  return client
    .call("finishSignIn", [pending, place.address])
    .then((token) => memory.setToken(endpoint, token, false));
}

/** null where it is not what leaving keeps; `finishSignIn` checks what is pending. */
function parseKept(stored: string): Kept | null {
  try {
    const kept = JSON.parse(stored) as unknown;
    if (!isJsonObject(kept)) return null;
    const { endpoint, fragment, pending } = kept;
    return typeof endpoint === "string" && typeof fragment === "string"
      ? { endpoint, fragment, pending }
      : null;
  } catch {
    // No JSON: nothing that leaving keeps.
    return null;
  }
}
