// The Compare place: the open SAE beside another one, or beside itself under another setting, on the same text.

import { useActions, useApp } from "../shared/app.ts";
import { ErrorPanel } from "../errors/ErrorPanel.tsx";
import { bytes } from "../shared/format.ts";
import { MaskSwitch } from "../shared/MaskSwitch.tsx";
import { ProgressBar } from "../shared/ProgressBar.tsx";
import { TextBox } from "../text/TextBox.tsx";
import { Matches } from "./Matches.tsx";
import { OtherChoice } from "./OtherChoice.tsx";
import { Strips } from "./Strips.tsx";
import { Suggestions } from "./Suggestions.tsx";
import { Summary } from "./Summary.tsx";
import "../styles/compare.css";
import { useResult } from "../shared/result.ts";
import { comparison } from "../../state/queries.ts";

export function ComparePlace() {
  const actions = useActions();
  const chosen = useApp((state) => state.view.otherSae !== null);
  const { data: last, stale, running, progress, error } = useResult(comparison);
  // An older comparison is dimmed while a new one is made; where none is asked for there is none.
  const data = chosen ? last : null;
  return (
    <>
      <header className="place-head">
        <h1 tabIndex={-1}>Compare</h1>
        <p className="soft">
          two SAEs, or one SAE under two settings, on the same text; A is the one that is open
        </p>
      </header>
      <OtherChoice />
      <div className="compare-status" aria-live="polite">
        {running ? (
          <ProgressBar progress={progress} onCancel={() => actions.stop(comparison)} />
        ) : !chosen ? (
          <Suggestions />
        ) : (
          <p className="soft">
            {data === null
              ? error === null && (
                  <button
                    type="button"
                    className="button"
                    onClick={() => actions.request(comparison)}
                  >
                    Compare
                  </button>
                )
              : `B takes ${bytes(data.bytesBeside)} of memory beside A.`}
          </p>
        )}
      </div>
      {error !== null && <ErrorPanel error={error} onRetry={() => actions.request(comparison)} />}
      <div className="columns columns-compare" data-stale={stale || undefined}>
        <div className="column">
          <TextBox />
          {data !== null && <Strips comparison={data} stale={stale} />}
        </div>
        {data !== null && (
          <div className="column">
            <MaskSwitch />
            <Summary comparison={data} />
            <Matches comparison={data} />
          </div>
        )}
      </div>
    </>
  );
}
