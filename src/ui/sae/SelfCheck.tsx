// Published facts of the open model and SAE beside what this machine computes: whether its numbers can be trusted.

import { useActions } from "../shared/app.ts";
import { ErrorPanel } from "../errors/ErrorPanel.tsx";
import { Hostile } from "../shared/Piece.tsx";
import { ProgressBar } from "../shared/ProgressBar.tsx";
import { saveJson } from "../shared/exportReport.ts";
import { useResult } from "../shared/result.ts";
import { selfCheck } from "../../state/queries.ts";

export function SelfCheck() {
  const actions = useActions();
  const { data, stale, running, progress, error } = useResult(selfCheck);
  const agreed = data?.rows.filter(({ ok }) => ok).length ?? 0;
  return (
    <section className="panel" data-testid="self-check">
      <h2>Self-check</h2>
      <p className="soft">
        What others published of this very model and SAE, computed again on this machine: token ids,
        activations, losses. It reads the whole model.
      </p>
      <div className="button-row">
        <button
          type="button"
          className="button"
          data-testid="run-self-check"
          disabled={running}
          onClick={() => actions.request(selfCheck)}
        >
          Check this machine
        </button>
        {data !== null && (
          <button
            type="button"
            className="button button-quiet"
            onClick={() => saveJson(`facet-selfcheck-${data.sae.hook}.json`, data)}
          >
            Save as JSON
          </button>
        )}
      </div>
      <div className="verify-status" aria-live="polite">
        {running && <ProgressBar progress={progress} onCancel={() => actions.stop(selfCheck)} />}
        {data !== null && !running && (
          <p data-testid="self-check-outcome" data-stale={stale || undefined}>
            {agreed === data.rows.length
              ? `All ${data.rows.length} facts agree.`
              : `${agreed} of ${data.rows.length} facts agree.`}
          </p>
        )}
      </div>
      {error !== null && <ErrorPanel error={error} onRetry={() => actions.request(selfCheck)} />}
      {data !== null && (
        <div className="scroll-x">
          <table className="table self-check-table" data-stale={stale || undefined}>
            <thead>
              <tr>
                <th scope="col">Fact</th>
                <th scope="col" className="table-text">
                  Here
                </th>
                <th scope="col" className="table-text">
                  Published
                </th>
                <th scope="col" className="table-text">
                  Agrees
                </th>
              </tr>
            </thead>
            <tbody>
              {data.rows.map((row) => (
                <tr key={row.name} data-ok={row.ok}>
                  <th scope="row">
                    <Hostile text={row.name} />
                    <small>
                      <Hostile text={row.source} />
                    </small>
                  </th>
                  <td className="table-text">
                    <Hostile text={row.measured} />
                  </td>
                  <td className="table-text">
                    <Hostile text={row.published} />
                    <small>
                      <Hostile text={row.tolerance} />
                    </small>
                  </td>
                  <td className="table-text">{row.ok ? "yes" : <strong>no</strong>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
