// The Find place: the table of all features and what narrows it, the reader's list of them, and their labels as a file.

import { useApp } from "../shared/app.ts";
import { Hostile } from "../shared/Piece.tsx";
import { AllFeatures } from "../table/AllFeatures.tsx";
import { ListPanel } from "./ListPanel.tsx";
import { OwnLabels } from "./OwnLabels.tsx";
import "../styles/find.css";

export function FindPlace() {
  const sae = useApp((state) => state.card.data?.saeKey ?? state.view.sae);
  return (
    <>
      <header className="place-head">
        <h1 tabIndex={-1}>Find features</h1>
        <p className="soft">
          of <Hostile text={sae} />
        </p>
      </header>
      <div className="columns columns-find">
        <div className="column">
          <AllFeatures />
        </div>
        <div className="column">
          <ListPanel />
          <OwnLabels />
        </div>
      </div>
    </>
  );
}
