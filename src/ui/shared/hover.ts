// What the pointer or the keyboard is on: previews only, never part of the link. Shared by tokens, lists and charts.

import { createContext, useContext } from "react";
import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";

export interface Hover {
  /** Position of the token under the pointer or the keyboard. */
  readonly token: number | null;
  /** Feature under the pointer in a list. */
  readonly feature: number | null;
  /** Positions a chart's bar stands for. */
  readonly marked: ReadonlySet<number> | null;
  /** Folded strength of the current feature on the token under the pointer, in an example of the corpus. */
  readonly strength: number | null;
  /** Strengths that a bar of the corpus' histogram stands for: from ≤ strength < to. */
  readonly strengths: { readonly from: number; readonly to: number } | null;
}

export const NO_HOVER: Hover = {
  token: null,
  feature: null,
  marked: null,
  strength: null,
  strengths: null,
};

export const createHover = (): StoreApi<Hover> => createStore<Hover>(() => NO_HOVER);

export const HoverContext = createContext<StoreApi<Hover> | null>(null);

export function useHoverStore(): StoreApi<Hover> {
  const store = useContext(HoverContext);
  if (store === null) throw new Error("A component that reads the hover stands outside <App>.");
  return store;
}

export function useHover<T>(select: (hover: Hover) => T): T {
  return useStore(useHoverStore(), select);
}
