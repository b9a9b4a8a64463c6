// The Find place: features by what they are called, the reader's list of them, and the reader's labels as a file.

import { useApp } from "../shared/app.ts";
import { Hostile } from "../shared/Piece.tsx";
import { LabelSearch } from "./LabelSearch.tsx";
import { ListPanel } from "./ListPanel.tsx";
import { OwnLabels } from "./OwnLabels.tsx";
import "../styles/find.css";

export function FindPlace() {
  const sae = useApp((state) => state.card.data?.saeKey ?? state.view.sae);
  return (
    <>
      <header className="place-head">
        <h1>Find features</h1>
        <p className="soft">
          of <Hostile text={sae} />
        </p>
      </header>
      <div className="columns columns-find">
        <div className="column">
          <LabelSearch />
        </div>
        <div className="column">
          <ListPanel />
        </div>
        <div className="column">
          <OwnLabels />
        </div>
      </div>
    </>
  );
}
