// Between header and page: opening in progress, its failure, and notices. Each says what to do next.

import { useActions, useApp } from "../shared/app.ts";
import { ErrorPanel } from "../shared/ErrorPanel.tsx";
import { Hostile } from "../shared/Piece.tsx";
import { ProgressBar } from "../shared/ProgressBar.tsx";

export function Status() {
  const actions = useActions();
  const card = useApp((state) => state.card);
  const notices = useApp((state) => state.notices);
  return (
    <div className="status">
      {card.running && card.progress !== null && (
        <ProgressBar progress={card.progress} onCancel={() => actions.cancelOpen()} />
      )}
      {card.error !== null && <ErrorPanel error={card.error} onRetry={() => actions.reopen()} />}
      {notices.length > 0 && (
        <ul className="notices" aria-label="Notices" data-testid="notices">
          {notices.map((notice) => (
            <li key={notice.id} role="status" data-kind={notice.kind}>
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
  );
}
