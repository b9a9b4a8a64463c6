// A small either-or switch: native radio buttons drawn as one bar.

import { useId } from "react";

export interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly title?: string;
}

interface Props<T extends string> {
  readonly legend: string;
  readonly choices: readonly Choice<T>[];
  readonly value: T;
  readonly onChange: (value: T) => void;
  readonly testId?: string;
}

export function Segmented<T extends string>({
  legend,
  choices,
  value,
  onChange,
  testId,
}: Props<T>) {
  const name = useId();
  return (
    <fieldset className="segmented" data-testid={testId}>
      <legend>{legend}</legend>
      <div className="segmented-bar">
        {choices.map((choice) => (
          <label key={choice.value} title={choice.title}>
            <input
              type="radio"
              name={name}
              value={choice.value}
              checked={choice.value === value}
              onChange={() => onChange(choice.value)}
            />
            <span>{choice.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
