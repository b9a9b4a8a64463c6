// Media queries for the little that stylesheets cannot do: canvas colours, and what folds away on a phone.

import { useCallback, useSyncExternalStore } from "react";

function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = window.matchMedia(query);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => window.matchMedia(query).matches);
}

export const useDark = (): boolean => useMedia("(prefers-color-scheme: dark)");

/** Narrower than two columns; the stylesheets break at the same width. */
export const useNarrow = (): boolean => useMedia("(max-width: 759px)");
