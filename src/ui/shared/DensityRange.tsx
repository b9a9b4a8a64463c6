// The range of densities that are listed: the same two bounds for the text's features and for the table of all.

import type { View } from "../../state/view.ts";
import { useActions, useApp } from "./app.ts";

/** log10 of the density; the names say it as a share. */
const DENSITIES: readonly (readonly [number, string])[] = [
  [-1, "10 %"],
  [-1.5, "3 %"],
  [-2, "1 %"],
  [-3, "0.1 %"],
  [-4, "0.01 %"],
  [-5, "0.001 %"],
];

export function DensityRange({ known }: { known: boolean }) {
  return (
    <span className="density-range">
      <Bound
        field="minLogDensity"
        name="Density from"
        any="any"
        testId="density-from"
        known={known}
      />
      <Bound field="maxLogDensity" name="to" any="any" testId="density-filter" known={known} />
    </span>
  );
}

interface BoundProps {
  readonly field: "minLogDensity" | "maxLogDensity";
  readonly name: string;
  readonly any: string;
  readonly testId: string;
  readonly known: boolean;
}

function Bound({ field, name, any, testId, known }: BoundProps) {
  const actions = useActions();
  const chosen = useApp((state) => state.view[field]);
  const offered = DENSITIES.some(([value]) => value === chosen) || chosen === null;
  const choices = offered ? DENSITIES : [...DENSITIES, [chosen, `10^${chosen}`] as const];
  return (
    <label className="field">
      <span>{name}</span>
      <select
        data-testid={testId}
        value={chosen ?? ""}
        disabled={!known}
        title={
          known
            ? "Features are listed by the share of tokens they fire on"
            : "This SAE comes without a usable sparsity file, and no corpus was scanned"
        }
        onChange={(event) => {
          const value = event.target.value === "" ? null : Number(event.target.value);
          actions.setView({ [field]: value } satisfies Partial<Pick<View, typeof field>>);
        }}
      >
        <option value="">{any}</option>
        {choices.map(([value, share]) => (
          <option key={value} value={value}>
            {share}
          </option>
        ))}
      </select>
    </label>
  );
}
