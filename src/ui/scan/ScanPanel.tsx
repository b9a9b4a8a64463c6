// Scanning a corpus: what to read, how far it is, and the scans that are kept.

import { useState } from "react";
import { useActions, useApp } from "../shared/app.ts";
import { ErrorPanel } from "../errors/ErrorPanel.tsx";
import { Hostile } from "../shared/Piece.tsx";
import { ProgressBar } from "../shared/ProgressBar.tsx";
import { CorpusForm } from "./CorpusForm.tsx";
import { KeptScans } from "./KeptScans.tsx";
import { askedTold, EMPTY_FORM, missing, requestOf } from "./scanForm.ts";
import "../styles/scan.css";
import { useResult } from "../shared/result.ts";
import { scan } from "../../state/queries.ts";

export function ScanPanel() {
  const actions = useActions();
  const run = useApp((state) => state.scan);
  const asked = run?.request ?? null;
  const { running, progress, error } = useResult(scan, run);
  const open = useApp((state) => state.card.data !== null && !state.card.running);
  const endpoint = useApp((state) => state.view.endpoint);
  const bundled = useApp((state) => (state.card.data?.corpus ?? null) !== null);
  const [form, setForm] = useState(EMPTY_FORM);
  // Only the bundled model comes with a corpus.
  const shown = form.kind === "bundled" && !bundled ? { ...form, kind: "files" as const } : form;
  const lacks = missing(shown);
  return (
    <section className="panel scan-panel" data-testid="scan-panel">
      <h2>Scan a corpus</h2>
      <p className="soft">
        Runs the model over many documents, here in this browser, and keeps of every feature how
        often and how strongly it fires, and examples in which it does. Nothing is uploaded.
      </p>
      <CorpusForm form={shown} bundled={bundled} onChange={setForm} />
      <div className="button-row">
        <button
          type="button"
          className="button"
          data-testid="run-scan"
          disabled={running || !open || lacks !== null}
          onClick={() => actions.runScan(requestOf(shown, endpoint))}
        >
          Scan
        </button>
        {lacks !== null && <span className="soft">{lacks}</span>}
      </div>
      <div className="verify-status" aria-live="polite" data-testid="scan-status">
        {running && (
          <ProgressBar progress={progress} onCancel={() => actions.stopScan()} cancel="Pause" />
        )}
        {!running && asked !== null && (
          <p className="scan-stopped">
            Paused: <Hostile text={askedTold(asked)} />. What was scanned is kept.{" "}
            <button
              type="button"
              className="button button-small"
              data-testid="resume-scan"
              onClick={() => actions.runScan(asked)}
            >
              Go on
            </button>
          </p>
        )}
      </div>
      {error !== null && (
        <ErrorPanel
          error={error}
          {...(asked !== null && { onRetry: () => actions.runScan(asked) })}
        />
      )}
      <KeptScans />
    </section>
  );
}
