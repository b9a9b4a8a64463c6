// Features changed in the model itself: the list of edits, what they do to its predictions and to the features that
// other SAEs read, and how the text goes on.

import { useApp } from "../shared/app.ts";
import "../styles/edits.css";
import { AttributionLists } from "./AttributionLists.tsx";
import { Continuation } from "./Continuation.tsx";
import { DownstreamFeatures } from "./DownstreamFeatures.tsx";
import { EditEffect } from "./EditEffect.tsx";
import { EditForm } from "./EditForm.tsx";
import { EditList } from "./EditList.tsx";

export function EditsPanel() {
  const edits = useApp((state) => state.view.edits);
  return (
    <section className="panel edits" data-testid="edits">
      <header className="panel-head">
        <h2>Edits</h2>
        <p className="soft one-line">what the model does when a feature is changed</p>
      </header>
      <EditForm />
      {edits.length > 0 && <EditList />}
      <EditEffect />
      {edits.some(({ on }) => on) && <DownstreamFeatures />}
      <AttributionLists />
      <Continuation />
    </section>
  );
}
