// One feature changed from its own page: what is done to it, and how much of the text's predictions that moves. What else
// comes of it stands on the Text place.

import { useApp } from "../shared/app.ts";
import { ViewLink } from "../shared/ViewLink.tsx";
import "../styles/edits.css";
import { EditForm } from "./EditForm.tsx";
import { EditList } from "./EditList.tsx";
import { EditVerdict } from "./EditEffect.tsx";
import { usePosition, useResult } from "../shared/result.ts";
import { intervention } from "../../state/queries.ts";

export function FeatureEdits() {
  const edits = useApp((state) => state.view.edits);
  const { data, stale } = useResult(intervention, usePosition());
  const on = edits.some((edit) => edit.on);
  return (
    <section className="panel edits" data-testid="feature-edits">
      <h2>Change it in the model</h2>
      <EditForm />
      {edits.length > 0 && <EditList />}
      {on && data !== null && data.edits.length > 0 && (
        <div className="edit-effect" data-stale={stale || undefined}>
          <EditVerdict report={data} />
        </div>
      )}
      {on && (
        <p>
          <ViewLink to={{ place: "text", colour: "edit-kl" }} className="link">
            What that does to your text
          </ViewLink>
        </p>
      )}
    </section>
  );
}
