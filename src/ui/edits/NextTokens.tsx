// The most likely next tokens of one position: the model's own, with the SAE spliced in, and with the edits.

import type { Intervention, NextTokenChange } from "../../lib/interventions.ts";
import { useActions, useAppStore } from "../shared/app.ts";
import { percent } from "../shared/format.ts";
import { Piece } from "../shared/Piece.tsx";
import { fileOf } from "../shared/exportReport.ts";
import { SaveReport } from "./SaveReport.tsx";
import { zText } from "./words.ts";
import { usePosition } from "../shared/result.ts";
import { downstream } from "../../state/queries.ts";

const ROWS = 10;

export function NextTokens({ report }: { report: Intervention }) {
  const { results } = useAppStore();
  const { position, before, after, spliced } = report;
  const edited = report.edits.length > 0;
  const rows = report.nextTokens.toSorted((a, b) => highest(b) - highest(a)).slice(0, ROWS);
  /** With what is downstream, where it is of the same edits. */
  const file = () => {
    const { data, stale } = results.read(downstream);
    return fileOf({ ...report, downstream: stale ? null : data });
  };
  return (
    <>
      <div className="part-head">
        <h3>Next token after position {position}</h3>
        <SaveReport what={edited ? "what the edits change" : "the predictions"} file={file} />
      </div>
      <div className="scroll-x">
        <table className="table next-tokens" data-testid="next-tokens">
          <thead>
            <tr>
              <th scope="col">token</th>
              <th scope="col">model</th>
              <th scope="col" title="The SAE's reconstruction in place of the residual, no edit">
                SAE in
              </th>
              {edited && (
                <>
                  <th scope="col">edited</th>
                  <th scope="col" title="ln of edited / model, against the random directions'">
                    z
                  </th>
                </>
              )}
            </tr>
          </thead>
          <tbody>
            {rows.map((change) => (
              <Row
                key={change.id}
                change={change}
                edited={edited}
                actual={change.id === before.actual?.id}
              />
            ))}
          </tbody>
        </table>
      </div>
      {before.actual !== null && (
        <p className="caption" data-testid="actual-token">
          The text goes on with <Piece piece={before.actual.token} />: number {before.actual.rank}{" "}
          of the model’s choices, {spliced.actual?.rank} with the SAE spliced in
          {edited && <>, {after.actual?.rank} with the edits</>}.
        </p>
      )}
    </>
  );
}

const highest = ({ before, after, spliced }: NextTokenChange): number =>
  Math.max(before, after, spliced);

interface RowProps {
  readonly change: NextTokenChange;
  readonly edited: boolean;
  readonly actual: boolean;
}

function Row({ change, edited, actual }: RowProps) {
  const actions = useActions();
  const position = usePosition();
  return (
    <tr>
      <th scope="row">
        <button
          type="button"
          className="link"
          title="Which features matter for it"
          onClick={() => actions.attribute(position, change.id)}
        >
          <Piece piece={change.token} />
        </button>
        {actual && <small className="soft"> in the text</small>}
      </th>
      <td>{percent(change.before)}</td>
      <td>{percent(change.spliced)}</td>
      {edited && (
        <>
          <td>{percent(change.after)}</td>
          <td>{zText(change.z)}</td>
        </>
      )}
    </tr>
  );
}
