// An error, where its result would have stood: what happened, what was found, and the next step as a button.

import type { ErrorCode, PlainError } from "../../lib/errors.ts";
import { type Asked, askedOf } from "../../state/requests.ts";
import { DEFAULT_VIEW } from "../../state/view.ts";
import { errorAdvice, type Remedy } from "./errorAdvice.ts";
import { GatedHelp } from "./GatedHelp.tsx";
import { useActions, useApp } from "../shared/app.ts";
import { ErrorFrame } from "./ErrorFrame.tsx";
import { useShowSources } from "../shared/sourcePanel.ts";

/** Errors that another account, or none, may end. */
const ACCOUNT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "GatedRepo",
  "BadToken",
  "Forbidden",
  "RepoNotFound",
]);

interface Props {
  readonly error: PlainError;
  /** What was to be opened, where the error is that it could not be. */
  readonly asked?: Asked;
  /** What "try again" means here; without it, opening again. */
  readonly onRetry?: () => void;
}

export function ErrorPanel({ error, asked, onRetry }: Props) {
  const actions = useActions();
  const showSources = useShowSources();
  const view = useApp((state) => state.view);
  const somethingIsOpen = useApp((state) => state.card.data !== null);
  const { title, next, remedy } = errorAdvice(error.code);
  const again = {
    label: error.code === "Cancelled" ? "Go on" : "Try again",
    run: onRetry ?? (() => actions.reopen()),
  };
  const remedies: Record<Remedy, { label: string; run: () => void } | null> = {
    retry: again,
    change: { label: "Open something else…", run: () => showSources("sources") },
    storage: { label: "See what is kept…", run: () => showSources("stored") },
    automatic: { label: "Choose automatically", run: () => actions.setView({ backend: null }) },
    settle: null,
  };
  const first = remedies[remedy];
  return (
    <ErrorFrame error={error} title={title} level={asked === undefined ? "h3" : "h2"}>
      <p>{next}</p>
      {error.code !== null && ACCOUNT.has(error.code) && (
        <GatedHelp asked={asked ?? askedOf(view)} message={error.message} />
      )}
      <div className="error-actions">
        {first !== null && (
          <button type="button" className="button" data-testid="remedy" onClick={first.run}>
            {first.label}
          </button>
        )}
        {first !== null && first !== again && (
          <button
            type="button"
            className="button button-quiet"
            data-testid="retry"
            onClick={again.run}
          >
            {again.label}
          </button>
        )}
        {asked !== undefined && somethingIsOpen && (
          <button
            type="button"
            className="button button-quiet"
            data-testid="dismiss"
            onClick={() => actions.dismissRefused()}
          >
            Stay with what is open
          </button>
        )}
        {!somethingIsOpen && view.model !== DEFAULT_VIEW.model && (
          <button
            type="button"
            className="button button-quiet"
            onClick={() => actions.setView(askedOf(DEFAULT_VIEW))}
          >
            Open the bundled model
          </button>
        )}
      </div>
    </ErrorFrame>
  );
}
