// The edits, each with its switch.

import { writeEdits } from "../../state/editList.ts";
import type { ListedEdit } from "../../state/view.ts";
import { useActions, useApp } from "../shared/app.ts";
import { Hostile } from "../shared/Piece.tsx";
import { useLabel } from "../tokens/shown.ts";
import { focusIn, focusNeighbour } from "./keepFocus.ts";
import { what, where } from "./words.ts";

export function EditList() {
  const actions = useActions();
  const edits = useApp((state) => state.view.edits);
  const keys = keysOf(edits);
  return (
    <ul className="edit-list" data-testid="edit-list">
      {edits.map((edit, i) => (
        <Row
          key={keys[i]}
          edit={edit}
          onSwitch={(on) => actions.setView({ edits: edits.with(i, { ...edit, on }) })}
          onRemove={() => actions.setView({ edits: edits.toSpliced(i, 1) })}
        />
      ))}
    </ul>
  );
}

/** What an edit is, without its switch, and which of the equal ones it is: a switch keeps its focus. */
function keysOf(edits: readonly ListedEdit[]): string[] {
  const seen = new Map<string, number>();
  return edits.map((edit) => {
    const text = writeEdits([{ ...edit, on: true }]);
    const before = seen.get(text) ?? 0;
    seen.set(text, before + 1);
    return `${text} ${before}`;
  });
}

interface RowProps {
  readonly edit: ListedEdit;
  readonly onSwitch: (on: boolean) => void;
  readonly onRemove: () => void;
}

function Row({ edit, onSwitch, onRemove }: RowProps) {
  const label = useLabel(edit.feature);
  return (
    <li>
      <label>
        <input
          type="checkbox"
          checked={edit.on}
          onChange={(event) => onSwitch(event.target.checked)}
        />
        <span>
          <strong>#{edit.feature}</strong> {what(edit)}, {where(edit.positions)}
          {label !== null && (
            <small className="soft">
              {" "}
              <Hostile text={label.label} />
            </small>
          )}
        </span>
      </label>
      <button
        type="button"
        className="link"
        aria-label={`Remove the edit of feature ${edit.feature}`}
        onClick={({ currentTarget }) => {
          if (!focusNeighbour(currentTarget)) focusIn(currentTarget, "section", "[type=submit]");
          onRemove();
        }}
      >
        remove
      </button>
    </li>
  );
}
