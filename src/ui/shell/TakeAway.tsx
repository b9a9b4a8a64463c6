// What the reader can take along: a link to this very view, its numbers as JSON, Python that reproduces them.

import { useEffect, useState } from "react";
import { useActions, useApp, useAppStore } from "../shared/app.ts";
import { exportOf, saveJson } from "./exportReport.ts";
import { saelensCode } from "./saelensCode.ts";

type Outcome = { readonly what: string; readonly text: string | null };

/** How long "copied" stands, in milliseconds. */
const STANDS = 4000;

export function TakeAway() {
  const store = useAppStore();
  const actions = useActions();
  const ready = useApp((state) => state.card.data !== null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  useEffect(() => {
    if (outcome === null || outcome.text !== null) return undefined;
    const timer = setTimeout(() => setOutcome(null), STANDS);
    return () => clearTimeout(timer);
  }, [outcome]);

  const copy = async (what: string, text: string): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome({ what: `${what} copied`, text: null });
    } catch {
      // No permission, or a page that is not secure: the reader copies by hand.
      setOutcome({ what: `${what}: copy it from here`, text });
    }
  };
  const copyCode = (): void => {
    const { card, analysis, view } = store.getState();
    if (card.data !== null)
      void copy("Code", saelensCode(card.data.provenance, analysis.data, view.feature));
  };
  const save = (): void => {
    const file = exportOf(store.getState());
    if (file === null) setOutcome({ what: "Nothing to export here yet", text: null });
    else saveJson(file.name, file.report);
  };
  return (
    <>
      <button
        type="button"
        className="button button-small"
        data-testid="copy-link"
        onClick={() => void copy("Link", actions.permalink())}
      >
        Copy link
      </button>
      <button
        type="button"
        className="button button-small"
        data-testid="export-json"
        disabled={!ready}
        onClick={save}
      >
        Export JSON
      </button>
      <button
        type="button"
        className="button button-small"
        data-testid="copy-code"
        disabled={!ready}
        title="Copy as SAELens code: Python that reproduces these numbers"
        onClick={copyCode}
      >
        SAELens code
      </button>
      <span className="outcome" role="status">
        {outcome?.text === null && outcome.what}
      </span>
      {outcome !== null && outcome.text !== null && (
        <div className="copy-by-hand">
          <label>
            {outcome.what}
            <textarea
              readOnly
              rows={4}
              value={outcome.text}
              onFocus={(event) => event.currentTarget.select()}
            />
          </label>
          <button type="button" className="button button-small" onClick={() => setOutcome(null)}>
            Close
          </button>
        </div>
      )}
    </>
  );
}
