// The foot of the page, always in sight: what is being opened, notices, and how the numbers on show were made.
// It lies over the end of the page, so nothing moves when a notice comes or goes.

import type { Progress } from "../../lib/progress.ts";
import { useActions, useApp } from "../shared/app.ts";
import { Hostile } from "../shared/Piece.tsx";
import { ProgressBar } from "../shared/ProgressBar.tsx";
import { ProvenanceLine } from "./ProvenanceLine.tsx";

/** Until the first progress: addresses, configurations and headers are being read. */
const OPENING: Progress = { stage: "Opening", done: 0, total: null, unit: "steps" };

export function Status() {
  const actions = useActions();
  const card = useApp((state) => state.card);
  const notices = useApp((state) => state.notices);
  const asking = useApp((state) => state.question !== null);
  return (
    <footer className="status">
      {card.running && !asking && (
        // What is at hand opens before anything needs to be said; what comes from a hub says so soon.
        <div className={card.progress === null ? "soon" : undefined}>
          <ProgressBar progress={card.progress ?? OPENING} onCancel={() => actions.cancelOpen()} />
        </div>
      )}
      <div role="status">
        {notices.length > 0 && (
          <ul className="notices" aria-label="Notices" data-testid="notices">
            {notices.map((notice) => (
              <li key={notice.id} data-kind={notice.kind}>
                <span>
                  <Hostile text={notice.text} />
                </span>
                <button
                  type="button"
                  className="link"
                  onClick={() => actions.dismissNotice(notice.id)}
                >
                  Dismiss
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
      <ProvenanceLine />
    </footer>
  );
}
