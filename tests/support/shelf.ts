// A browser's storage in memory.

import type { Shelf } from "../../src/state/shelf.ts";

export function memoryShelf(): Shelf & { readonly held: Map<string, string> } {
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
