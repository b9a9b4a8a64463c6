// The foot of the page, always in sight: what is being opened, notices, and how the numbers on show were made.
// It lies over the end of the page, so nothing moves when a notice comes or goes.

import { useActions, useApp } from "../shared/app.ts";
import { Hostile } from "../shared/Piece.tsx";
import { ProgressBar } from "../shared/ProgressBar.tsx";
import { ProvenanceLine } from "./ProvenanceLine.tsx";

export function Status() {
  const actions = useActions();
  const card = useApp((state) => state.card);
  const notices = useApp((state) => state.notices);
  return (
    <footer className="status">
      {card.running && card.progress !== null && (
        <ProgressBar progress={card.progress} onCancel={() => actions.cancelOpen()} />
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
