// A storage of short texts by name, kept from one visit to the next where the browser lets this page keep any. It never
// throws: what could not be kept stands until the page is closed, and whoever listens is told.

import { offered } from "../lib/offered.ts";

export interface SafeStorage {
  getItem(key: string): string | null;
  /** Whether it will be there after this page. */
  setItem(key: string, value: string): boolean;
  removeItem(key: string): void;
}

/** blocked: the browser keeps nothing for this page · full: nothing more. */
export type Loss = "blocked" | "full";

/** What a loss means, for the reader. */
export const LOSSES: Readonly<Record<Loss, string>> = {
  blocked:
    "This browser keeps nothing for Facet: site data is blocked. Your labels, what you agreed to download and access tokens are forgotten when the page is closed, and downloads are made anew.",
  full: "This browser has no more room for Facet. Labels, agreements and access tokens from here on are forgotten when the page is closed: export labels that you want to keep.",
};

/** The part of the browser's `Storage` that is used. */
export type WebStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** Of this page alone. */
export function pageStorage(): SafeStorage {
  const held = new Map<string, string>();
  return {
    getItem: (key) => held.get(key) ?? null,
    setItem: (key, value) => {
      held.set(key, value);
      return false;
    },
    removeItem: (key) => void held.delete(key),
  };
}

/** @param tell is told of each kind of loss once, at the latest when something is to be kept. */
export function browserStorage(
  open: () => WebStorage | null | undefined,
  tell: (loss: Loss) => void,
): SafeStorage {
  const told = new Set<Loss>();
  const lost = (loss: Loss): void => {
    if (told.has(loss)) return;
    told.add(loss);
    tell(loss);
  };
  const storage = offered(open);
  if (storage === null) lost("blocked");
  /** What the storage did not take; null: what it did not give up. */
  const instead = new Map<string, string | null>();
  return {
    getItem(key) {
      const held = instead.get(key);
      return held === undefined ? offered(() => storage?.getItem(key)) : held;
    },
    setItem(key, value) {
      try {
        if (storage !== null) {
          storage.setItem(key, value);
          instead.delete(key);
          return true;
        }
      } catch (error) {
        lost(isFull(error) ? "full" : "blocked");
      }
      instead.set(key, value);
      return false;
    },
    removeItem(key) {
      instead.delete(key);
      try {
        storage?.removeItem(key);
      } catch {
        instead.set(key, null);
        lost("blocked");
      }
    },
  };
}

const isFull = (error: unknown): boolean =>
  error instanceof DOMException && error.name === "QuotaExceededError";
