// One of the two things to open, the model or the SAE: what is known as radio buttons, and a field for any other repo.

import { useId } from "react";
import { Hostile } from "../shared/Piece.tsx";
import { type Choice, type Picked, TYPED } from "./form.ts";
import type { SourceKind } from "./folders.ts";

interface Props {
  readonly kind: SourceKind;
  readonly legend: string;
  readonly choices: readonly Choice[];
  /** The id that is taken. */
  readonly id: string;
  readonly text: string;
  readonly example: string;
  readonly onChange: (picked: Picked) => void;
}

export function SourceChoice({ kind, legend, choices, id, text, example, onChange }: Props) {
  const name = useId();
  return (
    <fieldset className="source-choice" data-testid={`source-${kind}`}>
      <legend>{legend}</legend>
      {choices.map((choice) => (
        <label key={choice.id} className="source-row">
          <input
            type="radio"
            name={name}
            value={choice.id}
            checked={choice.id === id}
            onChange={() => onChange({ id: choice.id, text })}
          />
          <span>
            <Hostile text={choice.name} />
            <small>
              <Hostile text={choice.detail} />
            </small>
          </span>
        </label>
      ))}
      <div className="source-row">
        <input
          type="radio"
          name={name}
          id={`${name}-typed`}
          value={TYPED}
          checked={id === TYPED}
          onChange={() => onChange({ id: TYPED, text })}
        />
        <span>
          <label htmlFor={`${name}-typed`}>Another repository</label>
          <input
            type="text"
            className="source-text"
            data-testid={`source-${kind}-text`}
            aria-label={`${legend}: repository`}
            aria-describedby={`${name}-example`}
            autoCapitalize="off"
            autoComplete="off"
            spellCheck={false}
            value={text}
            onChange={(event) => onChange({ id: TYPED, text: event.target.value })}
          />
          <small id={`${name}-example`}>{example}</small>
        </span>
      </div>
    </fieldset>
  );
}
