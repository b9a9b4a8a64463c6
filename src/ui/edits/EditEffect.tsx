// What the model predicts after a token, as it is and with the SAE spliced in; and what the edits change of it, beside
// random directions.

import type { Intervention } from "../../lib/interventions.ts";
import { useActions } from "../shared/app.ts";
import { number } from "../shared/format.ts";
import { ProgressBar } from "../shared/ProgressBar.tsx";
import { PartError } from "./PartError.tsx";
import { NextTokens } from "./NextTokens.tsx";
import { verdict, zText } from "./words.ts";
import { usePosition, useResult } from "../shared/result.ts";
import { intervention } from "../../state/queries.ts";

export function EditEffect() {
  const actions = useActions();
  const position = usePosition();
  const { data, stale, running, progress, error } = useResult(intervention, position);
  return (
    // The button that asks goes away with the answer: the focus stays here.
    <div
      className="edit-effect"
      tabIndex={-1}
      data-stale={(data !== null && stale) || undefined}
      data-testid="edit-effect"
    >
      {error !== null ? (
        <PartError
          title="These edits cannot be made"
          error={error}
          onRetry={() => actions.request(intervention, position)}
        />
      ) : data !== null ? (
        <>
          {data.edits.length > 0 && <EditVerdict report={data} />}
          <NextTokens report={data} />
        </>
      ) : running ? (
        <ProgressBar progress={progress} />
      ) : (
        <Offer />
      )}
    </div>
  );
}

function Offer() {
  const actions = useActions();
  const position = usePosition();
  return (
    <>
      <h3>Next token</h3>
      <div className="button-row">
        <button
          type="button"
          className="button button-small"
          data-testid="predict"
          onClick={({ currentTarget }) => {
            currentTarget.closest<HTMLElement>(".edit-effect")?.focus();
            actions.request(intervention, position);
          }}
        >
          What the model expects next
        </button>
        <span className="soft">after the pinned token, or the last</span>
      </div>
    </>
  );
}

export function EditVerdict({ report }: { report: Intervention }) {
  const { controls, before, after } = report;
  return (
    <>
      {controls !== null && (
        <p data-testid="edit-verdict">
          Mean KL from the unedited predictions: <strong>{number(controls.effect)}</strong> nats.{" "}
          {controls.count} random directions of the same length: {number(controls.mean)} ±{" "}
          {number(controls.sd)}, so z = <strong>{zText(controls.z)}</strong>: {verdict(controls)}.
        </p>
      )}
      <p className="soft">
        CE {number(before.ce)} → {number(after.ce)}; with the SAE spliced in and no edit{" "}
        {number(report.spliced.ce)}. Means over {report.mask} tokens; the mean residual norm is{" "}
        {number(report.residualNorm)}.
      </p>
    </>
  );
}
