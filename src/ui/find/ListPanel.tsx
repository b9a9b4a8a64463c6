// The reader's list: features with notes, in an order of their own. It stands in the link, and nowhere else.

import { moved, cleanNote, noted, toggled } from "../../state/list.ts";
import { LIST_MOST, type ListEntry } from "../../state/view.ts";
import { useActions, useApp } from "../shared/app.ts";
import { Hostile } from "../shared/Piece.tsx";
import { useLabel } from "../tokens/shown.ts";
import { ViewLink } from "../shared/ViewLink.tsx";

export function ListPanel() {
  const actions = useActions();
  const list = useApp((state) => state.view.list);
  const name = useApp((state) => state.view.listName);
  return (
    <section className="panel" data-testid="list">
      <h2>Your list</h2>
      <input
        // Typed until it is left; then it stands in the link.
        key={name}
        type="text"
        className="text-field"
        aria-label="Name of the list"
        data-testid="list-name"
        autoComplete="off"
        maxLength={200}
        defaultValue={name}
        placeholder="name of the list"
        onBlur={(event) => {
          const listName = cleanNote(event.target.value);
          if (listName !== name) actions.setView({ listName }, "replace");
        }}
      />
      <p className="soft">
        {list.length === 0
          ? "Empty. “add to list” stands on each feature’s page, + in each list of features, and the key l does the same."
          : `${list.length} of at most ${LIST_MOST}. The list is part of this page’s link: copy the link to keep or share it.`}
      </p>
      <ol className="list-entries">
        {list.map((entry, i) => (
          <Entry
            key={entry.feature}
            entry={entry}
            first={i === 0}
            last={i === list.length - 1}
            onChange={(next) => actions.setView({ list: next }, "replace")}
          />
        ))}
      </ol>
      {list.length > 0 && (
        <p className="panel-foot">
          <button
            type="button"
            className="link"
            data-testid="list-clear"
            // A step of the history: going back brings it back.
            onClick={() => actions.setView({ list: [], listName: "" })}
          >
            empty the list
          </button>
        </p>
      )}
    </section>
  );
}

interface EntryProps {
  readonly entry: ListEntry;
  readonly first: boolean;
  readonly last: boolean;
  readonly onChange: (list: readonly ListEntry[]) => void;
}

function Entry({ entry: { feature, note }, first, last, onChange }: EntryProps) {
  const list = useApp((state) => state.view.list);
  const total = useApp((state) => state.card.data?.provenance.sae.dSae ?? Infinity);
  const label = useLabel(feature);
  return (
    <li className="list-entry" data-feature={feature}>
      <div className="feature-row">
        <ViewLink to={{ place: "feature", feature }} feature={feature}>
          <span className="feature-number">{feature}</span>
          <span className="feature-label">
            {feature >= total ? (
              "not a feature of this SAE"
            ) : (
              <Hostile text={label?.label ?? "no label"} />
            )}
          </span>
        </ViewLink>
        <span className="list-tools">
          <button
            type="button"
            aria-label={`Move feature ${feature} up`}
            disabled={first}
            onClick={() => onChange(moved(list, feature, -1))}
          >
            ↑
          </button>
          <button
            type="button"
            aria-label={`Move feature ${feature} down`}
            disabled={last}
            onClick={() => onChange(moved(list, feature, 1))}
          >
            ↓
          </button>
          <button
            type="button"
            aria-label={`Take feature ${feature} off the list`}
            onClick={() => onChange(toggled(list, feature))}
          >
            ×
          </button>
        </span>
      </div>
      <input
        key={note}
        type="text"
        className="text-field list-note"
        aria-label={`Note on feature ${feature}`}
        autoComplete="off"
        maxLength={200}
        defaultValue={note}
        placeholder="a note"
        onBlur={(event) => {
          const next = noted(list, feature, event.target.value);
          if (cleanNote(event.target.value) !== note) onChange(next);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
        }}
      />
    </li>
  );
}
