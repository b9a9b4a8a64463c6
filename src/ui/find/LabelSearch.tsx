// Features whose label has the words that the reader types.

import { useDeferredValue, useMemo, useState } from "react";
import { cleanNote } from "../../state/list.ts";
import { useActions, useApp } from "../shared/app.ts";
import { count } from "../shared/format.ts";
import { ListMark } from "../shared/ListButton.tsx";
import { Hostile } from "../shared/Piece.tsx";
import { ViewLink } from "../shared/ViewLink.tsx";
import { allLabels, searchLabels } from "./searchLabels.ts";

const SHOWN = 25;

export function LabelSearch() {
  const actions = useActions();
  const query = useApp((state) => state.view.query);
  const reader = useApp((state) => state.labels);
  const bundled = useApp((state) => state.card.data?.sae.labels ?? null);
  const [typed, setTyped] = useState(query);
  const [more, setMore] = useState(0);
  const wanted = useDeferredValue(query);
  const labels = useMemo(() => allLabels(reader, bundled), [reader, bundled]);
  const found = useMemo(() => searchLabels(labels, wanted), [labels, wanted]);
  return (
    <section className="panel" data-testid="label-search">
      <h2>By label</h2>
      <input
        type="search"
        id="label-query"
        className="text-field"
        aria-label="Words of a label"
        data-testid="label-query"
        autoComplete="off"
        spellCheck={false}
        placeholder="words of a label"
        // A space at the end is still being typed; one line without it stands in the link.
        value={cleanNote(typed) === query ? typed : query}
        onChange={(event) => {
          setTyped(event.target.value);
          setMore(0);
          actions.setView({ query: cleanNote(event.target.value) }, "replace");
        }}
      />
      <p className="soft" role="status">
        {labels.length === 0
          ? "No feature of this SAE has a label yet. Name some yourself on their pages, or bring a file of labels."
          : `${count(found.length)} of ${count(labels.length)} labelled features`}
      </p>
      <ol className="feature-list" style={{ "--rows": 1 }}>
        {found.slice(0, SHOWN + more).map(({ feature, label }) => (
          <li key={feature} className="feature-row">
            <ViewLink to={{ place: "feature", feature }} feature={feature}>
              <span className="feature-number">{feature}</span>
              <span className="feature-label">
                <Hostile text={label} />
              </span>
            </ViewLink>
            <ListMark feature={feature} />
          </li>
        ))}
      </ol>
      {found.length > SHOWN + more && (
        <p className="panel-foot soft">
          <button type="button" className="link" onClick={() => setMore(more + 200)}>
            show more of {count(found.length)}
          </button>
        </p>
      )}
    </section>
  );
}
