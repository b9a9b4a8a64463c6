// What this browser remembers of its reader: hubs they chose to use, downloads they agreed to, tokens they asked to keep,
// labels they wrote (labelMemory.ts).
// A token is kept by the origin it was entered for, and never leaves this module but for a request to that origin.

import { createLabelMemory, type LabelMemory } from "./labelMemory.ts";
import { pageStorage, type SafeStorage } from "./storage.ts";

export const PUBLIC_HUB = "https://huggingface.co";

export interface Memory {
  knowsEndpoint(endpoint: string): boolean;
  rememberEndpoint(endpoint: string): void;
  agreedTo(download: string): boolean;
  rememberAgreement(download: string): void;
  /** Asks the browser not to evict what is stored; once a visit, when the first large download is agreed to. */
  keepStorage(): void;
  /** The token entered for this endpoint's origin; null where there is none. */
  token(endpoint: string): string | null;
  /** `keep`: in this browser's storage, else until the page is closed. An empty token is forgotten. */
  setToken(endpoint: string, token: string, keep: boolean): void;
  /** Origins that a token is there for. */
  tokenOrigins(): readonly string[];
  readonly labels: LabelMemory;
}

const KEYS = { endpoints: "facet.endpoints", agreements: "facet.downloads", token: "facet.token " };

/**
 * @param kept null: nothing of other visits, and nothing for them.
 * @param persist asks the browser for persistent storage.
 */
export function createMemory(
  kept: SafeStorage | null,
  persist: () => void = () => undefined,
): Memory {
  const storage = kept ?? pageStorage();
  let asked = false;
  const tokens = new Map<string, string>();

  const read = (key: string): Set<string> => {
    const lines = storage.getItem(key)?.split("\n") ?? [];
    return new Set(lines.filter((line) => line !== ""));
  };
  const add = (key: string, value: string): void =>
    void storage.setItem(key, [...read(key).add(value)].join("\n"));
  // What is no address has no token; the hub client says what is wrong with it.
  const originOf = (endpoint: string): string => URL.parse(endpoint)?.origin ?? endpoint;

  return {
    labels: createLabelMemory(storage),
    knowsEndpoint: (endpoint) => endpoint === PUBLIC_HUB || read(KEYS.endpoints).has(endpoint),
    rememberEndpoint: (endpoint) => add(KEYS.endpoints, endpoint),
    agreedTo: (download) => read(KEYS.agreements).has(download),
    rememberAgreement: (download) => add(KEYS.agreements, download),
    keepStorage() {
      if (!asked) persist();
      asked = true;
    },
    token: (endpoint) => {
      const origin = originOf(endpoint);
      return tokens.get(origin) ?? storage.getItem(KEYS.token + origin);
    },
    tokenOrigins: () =>
      [
        ...new Set([PUBLIC_HUB, ...[...read(KEYS.endpoints)].map(originOf), ...tokens.keys()]),
      ].filter((origin) => tokens.has(origin) || storage.getItem(KEYS.token + origin) !== null),
    setToken(endpoint, token, keep) {
      const origin = originOf(endpoint);
      tokens.delete(origin);
      storage.removeItem(KEYS.token + origin);
      if (token === "") return;
      tokens.set(origin, token);
      if (keep) storage.setItem(KEYS.token + origin, token);
    },
  };
}
