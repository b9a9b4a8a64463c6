// In which precision the model's weights are kept, each with the memory it takes.

import { useId } from "react";
import type { OpenPlan } from "../../lib/openCard.ts";
import type { Precision } from "../../lib/report.ts";
import { bytes } from "../shared/format.ts";

interface Props {
  /** The file's own precision first. */
  readonly memory: OpenPlan["memory"];
  /** null: as in the file. */
  readonly value: Precision | null;
  readonly onChange: (precision: Precision | null) => void;
}

function words(precision: Precision, isFiles: boolean): string {
  if (isFiles) return "as in the file, exact";
  if (precision === "int8") return "rounded a little";
  if (precision === "int4") return "rounded coarsely";
  return "the same values, wider";
}

export function PrecisionChoice({ memory, value, onChange }: Props) {
  const name = useId();
  const own = memory[0]?.precision;
  return (
    <fieldset className="precisions" data-testid="precisions">
      <legend>Weights kept as</legend>
      {memory.map(({ precision, bytes: size }) => (
        <label key={precision} className="source-row">
          <input
            type="radio"
            name={name}
            value={precision}
            checked={precision === (value ?? own)}
            onChange={() => onChange(precision === own ? null : precision)}
          />
          <span>
            {precision} <span className="soft">{words(precision, precision === own)}</span>
          </span>
          <span className="precision-bytes">{bytes(size)}</span>
        </label>
      ))}
      <p className="caption">
        Memory of the blocks up to the SAE&rsquo;s and of the SAE, on WebGPU; TensorFlow.js computes
        in f32 whatever is chosen. What does not fit streams through block after block. Verify shows
        what rounding does to the features.
      </p>
    </fieldset>
  );
}
