// What the edits change: how much beside random directions, and which next tokens.

import type { Intervention, NextTokenChange } from "../../lib/interventions.ts";
import { useActions, useApp } from "../shared/app.ts";
import { ErrorPanel } from "../shared/ErrorPanel.tsx";
import { number, percent } from "../shared/format.ts";
import { Piece } from "../shared/Piece.tsx";
import { ProgressBar } from "../shared/ProgressBar.tsx";
import { verdict, zText } from "./words.ts";

const ROWS = 10;

export function EditEffect() {
  const actions = useActions();
  const edits = useApp((state) => state.view.edits);
  const { data, stale, running, progress, error } = useApp((state) => state.intervention);
  if (error !== null) {
    return (
      <ErrorPanel error={error} onRetry={() => actions.setView({ edits: [...edits] }, "replace")} />
    );
  }
  if (data === null) return running ? <ProgressBar progress={progress} /> : null;
  return (
    <div className="edit-effect" data-stale={stale || undefined} data-testid="edit-effect">
      <Summary report={data} />
      <NextTokens report={data} />
    </div>
  );
}

function Summary({ report }: { report: Intervention }) {
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

function NextTokens({ report }: { report: Intervention }) {
  const { position, before, after, spliced } = report;
  const rows = report.nextTokens
    .toSorted((a, b) => Math.max(b.before, b.after) - Math.max(a.before, a.after))
    .slice(0, ROWS);
  return (
    <>
      <h3>Next token after position {position}</h3>
      <table className="table" data-testid="next-tokens">
        <thead>
          <tr>
            <th scope="col">token</th>
            <th scope="col">before</th>
            <th scope="col">after</th>
            <th scope="col" title="ln of the ratio, against the random directions'">
              z
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((change) => (
            <Row key={change.id} change={change} actual={change.id === before.actual?.id} />
          ))}
        </tbody>
      </table>
      {before.actual !== null && (
        <p className="caption">
          The text goes on with <Piece piece={before.actual.token} />: number {before.actual.rank}{" "}
          of the model’s choices before, {after.actual?.rank} after, {spliced.actual?.rank} with the
          SAE spliced in.
        </p>
      )}
    </>
  );
}

function Row({ change, actual }: { change: NextTokenChange; actual: boolean }) {
  return (
    <tr>
      <th scope="row">
        <Piece piece={change.token} />
        {actual && <small className="soft"> in the text</small>}
      </th>
      <td>{percent(change.before)}</td>
      <td>{percent(change.after)}</td>
      <td>{zText(change.z)}</td>
    </tr>
  );
}
