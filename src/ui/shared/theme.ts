// Light or dark, as the system has it. Only canvas needs to know; everything else follows the stylesheet.

import { useSyncExternalStore } from "react";

const query = (): MediaQueryList => window.matchMedia("(prefers-color-scheme: dark)");

function subscribe(listener: () => void): () => void {
  const list = query();
  list.addEventListener("change", listener);
  return () => list.removeEventListener("change", listener);
}

export function useDark(): boolean {
  return useSyncExternalStore(subscribe, () => query().matches);
}
