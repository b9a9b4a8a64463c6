// Where a model hub is, and the tokens of its users. A token is bound to the origin it was entered for: there is no way
// to ask for one but by an endpoint. It is no part of anything that is stored, shown or sent to the page.

import { FacetError } from "../lib/errors.ts";
import { show } from "../lib/json.ts";

export interface Endpoint {
  /** Without a slash at its end; addresses are made by appending to it. */
  readonly url: string;
  readonly origin: string;
}

export const DEFAULT_ENDPOINT: Endpoint = {
  url: "https://huggingface.co",
  origin: "https://huggingface.co",
};

/** Hosts that `http:` is allowed for; the page's Content-Security-Policy names the same. */
const LOOPBACK = new Set(["localhost", "127.0.0.1"]);

/** An endpoint as a person types it, or as a stranger put it in a link. */
export function parseEndpoint(text: string): Endpoint {
  const url = text.length > 200 ? null : URL.parse(text.trim());
  const secure =
    url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.has(url.hostname));
  if (!url || !secure || url.username !== "" || url.password !== "") {
    throw new FacetError(
      "BadLink",
      `Reading the hub's address ${show(text)}: it must be https://host, with a path if the hub has one ` +
        `(http:// for localhost and 127.0.0.1 only), and no name or password in it.`,
    );
  }
  return { url: url.origin + url.pathname.replace(/\/+$/, ""), origin: url.origin };
}

export class Tokens {
  readonly #byOrigin = new Map<string, string>();

  /** Binds a token to the endpoint's origin; the one that was bound before is forgotten. */
  set({ origin }: Endpoint, token: string): void {
    // What cannot stand in a header is refused here: fetch's own message would quote it.
    if (!/^[\x21-\x7e]{1,1000}$/.test(token)) {
      throw new FacetError(
        "BadToken",
        `Taking the access token for ${origin}: it is empty or holds spaces or characters that no token has. Copy it again.`,
      );
    }
    this.#byOrigin.set(origin, token);
  }

  forget({ origin }: Endpoint): void {
    this.#byOrigin.delete(origin);
  }

  has({ origin }: Endpoint): boolean {
    return this.#byOrigin.has(origin);
  }

  /** For requests to this endpoint alone. */
  headers({ origin }: Endpoint): Record<string, string> {
    const token = this.#byOrigin.get(origin);
    return token === undefined ? {} : { Authorization: `Bearer ${token}` };
  }
}
