// How components reach the store: one context, a selector hook, the actions.

import { createContext, useCallback, useContext, useSyncExternalStore } from "react";
import type { Actions, AppStore } from "../../state/actions.ts";
import type { State } from "../../state/store.ts";

export const StoreContext = createContext<AppStore | null>(null);

export function useAppStore(): AppStore {
  const store = useContext(StoreContext);
  if (store === null) throw new Error("A component that reads the store stands outside <App>.");
  return store;
}

/** `select` must return the same reference while nothing it reads has changed. */
export function useApp<T>(select: (state: State) => T): T {
  const store = useAppStore();
  const subscribe = useCallback((listener: () => void) => store.subscribe(listener), [store]);
  return useSyncExternalStore(subscribe, () => select(store.getState()));
}

export const useActions = (): Actions => useAppStore().actions;
