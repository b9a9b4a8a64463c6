// Signing in with a hub's account: OAuth with PKCE, which needs no server of Facet's. The page leaves for the hub with
// what `beginSignIn` gives, and comes back to `finishSignIn`, which trades the code in its address for a token.
// @huggingface/hub does the protocol (5.6 KB, loaded when it is needed); nothing else of that library is used: its
// listing follows addresses to any host with the token, and its reads neither check nor resume what arrives.

import { FacetError } from "../lib/errors.ts";
import { isJsonObject } from "../lib/json.ts";
import type { Endpoint } from "./endpoint.ts";
import { withoutQueries } from "./hubErrors.ts";

/** What the page keeps for itself (in sessionStorage) until it comes back. No secret of the account's. */
export interface PendingSignIn {
  readonly endpoint: Endpoint;
  readonly codeVerifier: string;
  readonly nonce: string;
}

/** To read the gated repos whose licence the account has accepted, and no more. */
const SCOPES = "openid profile gated-repos";

/**
 * @param clientId of the OAuth app that the hub knows this site as.
 * @param redirectUrl where the hub sends the reader back to; one of those that the app is registered with.
 */
export async function beginSignIn(
  endpoint: Endpoint,
  { clientId, redirectUrl }: { clientId: string; redirectUrl: string },
): Promise<{ url: string; pending: PendingSignIn }> {
  const { oauthLoginUrl } = await import("@huggingface/hub");
  const kept: { codeVerifier?: string; nonce?: string } = {};
  const url = await atHub(endpoint, () =>
    oauthLoginUrl({
      clientId,
      redirectUrl,
      hubUrl: endpoint.url,
      scopes: SCOPES,
      localStorage: kept,
    }),
  );
  const { codeVerifier, nonce } = kept;
  if (
    URL.parse(url)?.origin !== endpoint.origin ||
    codeVerifier === undefined ||
    nonce === undefined
  ) {
    throw new FacetError(
      "Network",
      `Signing in at ${endpoint.origin}: it sends readers to another host to sign in, which is not followed. Paste an access token instead.`,
    );
  }
  return { url, pending: { endpoint, codeVerifier, nonce } };
}

/** Whether an address is that of a reader who comes back from a hub. */
export const isSignInReturn = (address: string): boolean => {
  const query = URL.parse(address)?.searchParams;
  return query !== undefined && query.has("state") && (query.has("code") || query.has("error"));
};

/** The account's token. @param address that the reader came back to, with its query. */
export async function finishSignIn(
  { endpoint, codeVerifier, nonce }: PendingSignIn,
  address: string,
): Promise<string> {
  const { oauthHandleRedirect } = await import("@huggingface/hub");
  const { accessToken } = await atHub(endpoint, () =>
    oauthHandleRedirect({ hubUrl: endpoint.url, redirectedUrl: address, codeVerifier, nonce }),
  );
  return accessToken;
}

/** What the page kept, from JSON; null where it is not what `beginSignIn` gave. */
export function parsePending(value: unknown): PendingSignIn | null {
  if (!isJsonObject(value) || !isJsonObject(value["endpoint"])) return null;
  const { codeVerifier, nonce, endpoint } = value;
  const { url, origin } = endpoint;
  const sound = [codeVerifier, nonce, url, origin].every((text) => typeof text === "string");
  return sound && URL.parse(String(url))?.origin === origin
    ? (value as unknown as PendingSignIn)
    : null;
}

async function atHub<T>({ origin }: Endpoint, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new FacetError(
      "BadToken",
      `Signing in at ${origin}: it did not come to an end. Try again, or paste an access token instead.`,
      // The library quotes the address that the reader came back to, with the code in it.
      withoutQueries(error),
    );
  }
}
