// Puts a feature on the reader's list, or takes it off.

import { isListed, toggled } from "../../state/list.ts";
import { LIST_MOST } from "../../state/view.ts";
import { useApp, useAppStore } from "./app.ts";

export function useToggleListed(): (feature: number) => void {
  const store = useAppStore();
  return (feature) =>
    store.actions.setView({ list: toggled(store.getState().view.list, feature) }, "replace");
}

function useListed(feature: number): { listed: boolean; full: boolean } {
  const listed = useApp(({ view }) => isListed(view.list, feature));
  const full = useApp(({ view }) => view.list.length >= LIST_MOST);
  return { listed, full: full && !listed };
}

export function ListButton({ feature }: { feature: number }) {
  const toggle = useToggleListed();
  const { listed, full } = useListed(feature);
  return (
    <button
      type="button"
      className="button button-small"
      aria-pressed={listed}
      aria-keyshortcuts="l"
      data-testid="list-toggle"
      disabled={full}
      title={full ? `A list holds ${LIST_MOST} features` : undefined}
      onClick={() => toggle(feature)}
    >
      {listed ? "on the list ✓" : "add to list"}
    </button>
  );
}

/** The same in a row of a list of features; the key `l` does it too, so it is no stop of its own for Tab. */
export function ListMark({ feature }: { feature: number }) {
  const toggle = useToggleListed();
  const { listed, full } = useListed(feature);
  return (
    <button
      type="button"
      className="list-mark"
      tabIndex={-1}
      aria-pressed={listed}
      aria-label={`Feature ${feature} on your list`}
      title={listed ? "On your list" : full ? "Your list is full" : "Add to your list"}
      disabled={full}
      onClick={() => toggle(feature)}
    >
      {listed ? "✓" : "+"}
    </button>
  );
}
