// The top line: where one is, what is open, and what can be taken away (link, JSON, code).

import type { Place } from "../../state/view.ts";
import { useApp } from "../shared/app.ts";
import { useNarrow } from "../shared/media.ts";
import { Mark } from "../shared/Mark.tsx";
import { Hostile } from "../shared/Piece.tsx";
import { useShowSources } from "../shared/sourcePanel.ts";
import { ViewLink } from "../shared/ViewLink.tsx";
import { KeysHelp } from "./KeysHelp.tsx";
import { OpenChoices } from "./OpenChoices.tsx";
import { TakeAway } from "./TakeAway.tsx";

const PLACES: readonly (readonly [Place, string])[] = [
  ["text", "Text"],
  ["feature", "Feature"],
  ["find", "Find"],
  ["sae", "SAE"],
  ["compare", "Compare"],
];

interface Props {
  /** Whether the panel of sources is open. */
  readonly panelIsOpen: boolean;
  readonly onClosePanel: () => void;
}

export function Header({ panelIsOpen, onClosePanel }: Props) {
  const showSources = useShowSources();
  const place = useApp((state) => state.view.place);
  const narrow = useNarrow();
  const open = useApp((state) => `${state.view.model}, ${state.view.sae}`);
  const tools = (
    <>
      <OpenChoices />
      <button
        type="button"
        className="button button-small"
        id="open-sources"
        data-testid="sources"
        aria-expanded={panelIsOpen}
        aria-controls={panelIsOpen ? "source-panel" : undefined}
        onClick={() => (panelIsOpen ? onClosePanel() : showSources("sources"))}
      >
        Open…
      </button>
      <div className="take-away">
        <TakeAway />
      </div>
    </>
  );
  return (
    <header className="header">
      <span className="brand">
        <Mark /> Facet
      </span>
      <nav className="places" aria-label="Places">
        {PLACES.map(([key, name]) => (
          <ViewLink key={key} to={{ place: key }} current={key === place} testId={`place-${key}`}>
            {name}
          </ViewLink>
        ))}
      </nav>
      {narrow ? (
        <details className="more header-fold">
          <summary>
            <Hostile text={open} />
          </summary>
          {tools}
        </details>
      ) : (
        tools
      )}
      <KeysHelp />
    </header>
  );
}
