// How any part of the page opens the panel of sources: from the header, after a refusal, when a folder is dropped.

import { createContext, useContext } from "react";

/** The two halves of the panel, to bring the right one into sight. */
export type PanelPart = "sources" | "stored";

export const SourcePanelContext = createContext<((part: PanelPart) => void) | null>(null);

export function useShowSources(): (part: PanelPart) => void {
  const show = useContext(SourcePanelContext);
  if (show === null)
    throw new Error("A component that opens the panel of sources stands outside <App>.");
  return show;
}
