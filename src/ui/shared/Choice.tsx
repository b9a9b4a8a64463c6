// A named list to choose one of. The names come from strangers, and are made visible.

import { visibleText } from "./visible.ts";

interface Props {
  readonly name: string;
  readonly testId: string;
  readonly value: string;
  readonly choices: readonly {
    readonly value: string;
    readonly label: string;
    readonly disabled?: boolean;
  }[];
  readonly onChange: (value: string) => void;
  readonly title?: string;
}

export function Choice({ name, testId, value, choices, onChange, title }: Props) {
  return (
    <label className="field">
      <span>{name}</span>
      <select
        data-testid={testId}
        value={value}
        title={title}
        onChange={(event) => onChange(event.target.value)}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value} disabled={choice.disabled}>
            {visibleText(choice.label)}
          </option>
        ))}
      </select>
    </label>
  );
}
