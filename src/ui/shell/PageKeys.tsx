// The keys that work everywhere: text box, features, letting go. It draws nothing.

import { useActions, useApp, useAppStore } from "../shared/app.ts";
import { focusOnceThere } from "../shared/focus.ts";
import { useKey } from "../shared/keys.ts";
import { useToggleListed } from "../shared/ListButton.tsx";
import { useCurrentFeature, useShownFeature } from "../tokens/shown.ts";
import { randomFeature, stepFeature } from "../feature/walk.ts";

export function PageKeys() {
  const store = useAppStore();
  const actions = useActions();
  const current = useCurrentFeature();
  const shown = useShownFeature();
  const toggleListed = useToggleListed();
  const total = useApp((state) => state.card.data?.provenance.sae.dSae ?? 0);
  const go = (feature: number): void => {
    if (total > 0) actions.setView({ feature });
  };
  useKey("/", () => {
    if (store.getState().view.place !== "text") actions.setView({ place: "text" });
    focusOnceThere("#text-input");
  });
  useKey("f", () => {
    if (store.getState().view.place !== "find") actions.setView({ place: "find" });
    focusOnceThere("#label-query");
  });
  useKey("l", () => {
    if (shown !== null) toggleListed(shown.index);
  });
  useKey("[", () => go(stepFeature(current, -1, total)));
  useKey("]", () => go(stepFeature(current, 1, total)));
  useKey("r", () => go(randomFeature(total, Math.random())));
  useKey("Escape", () => {
    // The list of keys is closed first, by the browser.
    if (document.querySelector(":popover-open") !== null) return;
    const { view } = store.getState();
    if (view.token !== null) actions.setView({ token: null }, "replace");
    else if (view.feature !== null && view.place === "text") actions.setView({ feature: null });
  });
  return null;
}
