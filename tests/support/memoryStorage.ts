// A browser's storage in memory.

import type { SafeStorage } from "../../src/state/storage.ts";

export function memoryStorage(): SafeStorage & { readonly held: Map<string, string> } {
  const held = new Map<string, string>();
  return {
    held,
    getItem: (key) => held.get(key) ?? null,
    setItem(key, value) {
      held.set(key, value);
      return true;
    },
    removeItem: (key) => void held.delete(key),
  };
}
