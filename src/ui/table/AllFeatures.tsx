// The table of all features with what narrows it: words of a label, a token among their positive logits, density, the
// reader's list; and the table as a file.

import { useDeferredValue, useState } from "react";
import { cleanNote } from "../../state/list.ts";
import { useActions, useApp } from "../shared/app.ts";
import { ErrorPanel } from "../errors/ErrorPanel.tsx";
import { count } from "../shared/format.ts";
import { ProgressBar } from "../shared/ProgressBar.tsx";
import { saveFile } from "../shared/saveFile.ts";
import { scanTold } from "../shared/scanTold.ts";
import { DensityRange } from "../shared/DensityRange.tsx";
import { FeatureTable } from "./FeatureTable.tsx";
import type { TableData } from "./featureTable.ts";
import { TokenLogitFilter } from "./TokenLogitFilter.tsx";
import { csvTable, parquetTable } from "./tableFile.ts";
import { useTableData, useTableRows } from "./useTableData.ts";
import "../styles/table.css";
import { useResult } from "../shared/result.ts";
import { useScanSummary } from "../shared/useScanSummary.ts";
import { nearest, tokenLogits } from "../../state/queries.ts";

export function AllFeatures() {
  const actions = useActions();
  const query = useApp((state) => state.view.query);
  const logits = useResult(tokenLogits);
  const onlyListed = useApp((state) => state.view.onlyListed);
  const scan = useScanSummary();
  const data = useTableData();
  const rows = useTableRows(data, useDeferredValue(query));
  const [typed, setTyped] = useState(query);
  return (
    <section className="panel all-features" data-testid="label-search">
      <div className="table-filters">
        <label className="field">
          <span>Label</span>
          <input
            type="search"
            id="label-query"
            className="text-field"
            data-testid="label-query"
            autoComplete="off"
            spellCheck={false}
            placeholder="words of a label"
            // A space at the end is still being typed; one line without it stands in the link.
            value={cleanNote(typed) === query ? typed : query}
            onChange={(event) => {
              setTyped(event.target.value);
              actions.setView({ query: cleanNote(event.target.value) }, "replace");
            }}
          />
        </label>
        <DensityRange known={data !== null && data.densitySource !== null} />
        <label className="field">
          <input
            type="checkbox"
            data-testid="only-listed"
            checked={onlyListed}
            onChange={(event) => actions.setView({ onlyListed: event.target.checked })}
          />
          <span>only my list</span>
        </label>
        <TokenLogitFilter />
        <Nearest />
      </div>
      {logits.error !== null && (
        <ErrorPanel error={logits.error} onRetry={() => actions.request(tokenLogits)} />
      )}
      <div className="table-head">
        <p className="soft" role="status">
          {data === null
            ? "\u00a0"
            : `${count(rows.length)} of ${count(data.features)} features; ${data.labels.size === 0 ? "none has a label" : `${count(data.labels.size)} have a label`}`}
        </p>
        {data !== null && <TakeTable data={data} rows={rows} />}
      </div>
      {data === null ? (
        <div className="feature-table" />
      ) : (
        <FeatureTable data={data} rows={rows} stale={logits.running} />
      )}
      <p className="caption">
        {scan === null || scan === undefined
          ? "Density from the SAE’s sparsity file; strengths come with a scan of a corpus (place SAE)."
          : `Density, strengths and share of L0 from a scan: ${scanTold(scan)}. Strengths are folded.`}
      </p>
    </section>
  );
}

function TakeTable({ data, rows }: { data: TableData; rows: Uint32Array }) {
  const hook = useApp((state) => state.card.data?.provenance.sae.hook ?? "sae");
  const name = `facet-features-${hook}`;
  return (
    <span className="button-row">
      <button
        type="button"
        className="button button-small"
        data-testid="table-csv"
        onClick={() => saveFile(`${name}.csv`, csvTable(data, rows), "text/csv")}
      >
        CSV
      </button>
      <button
        type="button"
        className="button button-small"
        data-testid="table-parquet"
        onClick={() =>
          void parquetTable(data, rows).then((bytes) =>
            saveFile(`${name}.parquet`, bytes, "application/vnd.apache.parquet"),
          )
        }
      >
        Parquet
      </button>
    </span>
  );
}

/** Every row against every row: on request. */
function Nearest() {
  const actions = useActions();
  const { data, stale, running, progress, error } = useResult(nearest);
  if (running) return <ProgressBar progress={progress} onCancel={() => actions.stop(nearest)} />;
  if (error !== null) return <ErrorPanel error={error} onRetry={() => actions.request(nearest)} />;
  if (data !== null && !stale) return null;
  return (
    <button
      type="button"
      className="button button-small"
      data-testid="load-nearest"
      title="Compares every decoder row with every other"
      onClick={() => actions.request(nearest)}
    >
      Find nearest neighbours
    </button>
  );
}
