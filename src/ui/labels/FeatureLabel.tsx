// What a feature is called, by whom, and the reader's own name for it.

import { useState } from "react";
import type { FeatureFacts } from "../../lib/report.ts";
import { useActions, useApp } from "../shared/app.ts";
import { Hostile } from "../shared/Piece.tsx";
import { useLabel } from "../tokens/shown.ts";
import { NeuronpediaAnswer } from "./NeuronpediaAnswer.tsx";

interface Props {
  readonly index: number;
  readonly report: FeatureFacts | null;
}

export function FeatureLabel({ index, report }: Props) {
  const [editing, setEditing] = useState<number | null>(null);
  const label = useLabel(index);
  const open = useApp((state) => state.card.data !== null);
  const labelled = useApp((state) => (state.card.data?.sae.labels ?? null) !== null);
  const method = useApp((state) => state.card.data?.sae.labels?.method);
  const text = label?.label ?? report?.label?.text ?? null;
  const confidence = label?.confidence ?? null;
  return (
    <div className="feature-title" data-testid="feature-label">
      {editing === index ? (
        <LabelForm index={index} onDone={() => setEditing(null)} />
      ) : (
        <p className={text === null ? "feature-name soft" : "feature-name"}>
          {text !== null ? (
            <Hostile text={text} />
          ) : !open ? (
            "\u00a0"
          ) : labelled ? (
            "This feature has no label."
          ) : (
            "This SAE has no labels."
          )}{" "}
          {open && (
            <button
              type="button"
              className="link feature-rename"
              data-testid="edit-label"
              onClick={() => setEditing(index)}
            >
              {text === null ? "name it" : "rename"}
            </button>
          )}
        </p>
      )}
      <p className="caption" title={label?.by === "bundled" ? method : undefined}>
        {label !== null && (
          <>
            {confidence !== null && `confidence ${confidence.toFixed(2)} · `}
            <Hostile text={label.source} />
          </>
        )}
      </p>
      <NeuronpediaAnswer index={index} />
    </div>
  );
}

function LabelForm({ index, onDone }: { index: number; onDone: () => void }) {
  const actions = useActions();
  const own = useApp((state) => state.labels.own[index] ?? "");
  return (
    <form
      className="label-form"
      onSubmit={(event) => {
        event.preventDefault();
        const typed = new FormData(event.currentTarget).get("label");
        if (typeof typed === "string") actions.setLabel(index, typed);
        onDone();
      }}
    >
      <input
        // The form stands where the button that opened it was.
        ref={(input) => input?.focus()}
        name="label"
        type="text"
        className="text-field"
        aria-label={`Your label for feature ${index}`}
        data-testid="label-input"
        autoComplete="off"
        maxLength={300}
        defaultValue={own}
        placeholder="your label, kept in this browser"
        onKeyDown={(event) => {
          if (event.key === "Escape") onDone();
        }}
      />
      <button type="submit" className="button button-small">
        Keep
      </button>
      <button type="button" className="button button-small button-quiet" onClick={onDone}>
        Cancel
      </button>
    </form>
  );
}
