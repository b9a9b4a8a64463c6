// What stands above the place where Facet is embedded in another page: what is open, who sees it, and the way to the
// whole page.

import { useActions, useApp } from "../shared/app.ts";
import { isFramed } from "../shared/framed.ts";
import { Mark } from "../shared/Mark.tsx";
import { Hostile } from "../shared/Piece.tsx";

export function EmbedBar() {
  const actions = useActions();
  const view = useApp((state) => state.view);
  return (
    <header className="header embed-bar" data-testid="embed-bar">
      <span className="brand">
        <Mark /> Facet
      </span>
      <span className="one-line">
        <Hostile text={`${view.sae} on ${view.model}`} />
      </span>
      {isFramed() && (
        <span className="soft">The page around this view can see what is typed here.</span>
      )}
      <a
        className="button button-small embed-out"
        href={actions.permalink({ embed: false })}
        target="_blank"
        rel="noreferrer"
      >
        Open in Facet
      </a>
    </header>
  );
}
