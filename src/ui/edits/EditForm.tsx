// One more edit: of which feature, what, where.

import { useState } from "react";
import { EDIT_LIMITS, type EditMode, type EditPositions } from "../../lib/edits.ts";
import { EDITS_MOST } from "../../state/view.ts";
import { useActions, useApp } from "../shared/app.ts";
import { Segmented } from "../shared/Segmented.tsx";
import { useCurrentFeature } from "../tokens/shown.ts";
import { MODES } from "./words.ts";
import { useAnalysis } from "../shared/result.ts";

type Where = "here" | "from" | "all";

export function EditForm() {
  const actions = useActions();
  const edits = useApp((state) => state.view.edits);
  const pinned = useApp((state) => state.view.token);
  const last = (useAnalysis().data?.tokens.length ?? 1) - 1;
  const dSae = useApp((state) => state.card.data?.provenance.sae.dSae ?? 0);
  const feature = useCurrentFeature();
  const [mode, setMode] = useState<EditMode>("ablate");
  const [value, setValue] = useState("");
  const [place, setPlace] = useState<Where>("all");
  const position = pinned !== null && pinned <= last ? pinned : last;
  const chosen = MODES.find((one) => one.value === mode);
  const most = mode === "ablate" ? 0 : EDIT_LIMITS[mode];
  const full = edits.length >= EDITS_MOST;

  function add(index: number): void {
    const positions: EditPositions =
      place === "all" ? "all" : place === "from" ? { from: position } : [position];
    const typed = value === "" ? NaN : Number(value);
    const amount = Number.isFinite(typed)
      ? Math.max(-most, Math.min(most, typed))
      : (chosen?.first ?? 0);
    const edit = { feature: index, mode, positions, on: true };
    const next = mode === "ablate" ? edit : { ...edit, value: amount };
    actions.setView({ edits: [...edits, next] });
  }

  return (
    <form
      className="edit-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (feature !== null && feature < dSae && !full) add(feature);
      }}
    >
      <div className="toolbar">
        <Segmented
          legend="Change"
          testId="edit-mode"
          value={mode}
          onChange={setMode}
          choices={MODES}
        />
        {mode !== "ablate" && (
          <label className="field">
            <input
              type="number"
              step="any"
              min={-most}
              max={most}
              value={value}
              placeholder={String(chosen?.first ?? 0)}
              onChange={(event) => setValue(event.target.value)}
            />
            <span>{chosen?.unit}</span>
          </label>
        )}
        <Segmented
          legend="Where"
          testId="edit-where"
          value={place}
          onChange={setPlace}
          choices={[
            { value: "all", label: "everywhere" },
            { value: "from", label: `from position ${position} on` },
            {
              value: "here",
              label: `position ${position} alone`,
              title: "Of the pinned token, or the last",
            },
          ]}
        />
      </div>
      <div className="button-row">
        <button
          type="submit"
          className="button"
          data-testid="add-edit"
          disabled={feature === null || full}
        >
          {feature === null ? "Edit" : `Edit feature ${feature}`}
        </button>
        {full && <span className="soft">A link holds {EDITS_MOST} edits.</span>}
      </div>
    </form>
  );
}
