// An error, where its result would have stood: what happened, what was found, and the next step as a button.

import type { PlainError } from "../../lib/errors.ts";
import { DEFAULT_VIEW } from "../../state/view.ts";
import { errorAdvice, type Remedy } from "../shell/errorAdvice.ts";
import { SignIn } from "../shell/SignIn.tsx";
import { useActions } from "./app.ts";
import { Hostile } from "./Piece.tsx";

interface Props {
  readonly error: PlainError;
  /** What "try again" means here; without it, opening again. */
  readonly onRetry?: () => void;
}

export function ErrorPanel({ error, onRetry }: Props) {
  const actions = useActions();
  const advice = errorAdvice(error.code);
  const remedies: Record<Remedy, { label: string; run: () => void } | null> = {
    retry: {
      label: error.code === "Cancelled" ? "Go on" : "Try again",
      run: onRetry ?? (() => actions.reopen()),
    },
    bundled: {
      label: "Open the bundled model",
      run: () =>
        actions.setView({
          model: DEFAULT_VIEW.model,
          sae: DEFAULT_VIEW.sae,
          modelRevision: null,
          saeRevision: null,
          endpoint: null,
          precision: null,
        }),
    },
    automatic: { label: "Choose automatically", run: () => actions.setView({ backend: null }) },
    settle: null,
  };
  const remedy = remedies[advice.remedy];
  return (
    <div className="error" role="alert" data-testid="error" data-code={error.code ?? "unknown"}>
      <h3>{advice.title}</h3>
      <p>
        <Hostile text={error.message} />
      </p>
      {error.cause !== null && (
        <p className="error-cause">
          Cause: <Hostile text={error.cause} />
        </p>
      )}
      <p>{advice.next}</p>
      {error.code === "GatedRepo" && <SignIn />}
      <div className="error-actions">
        {remedy !== null && (
          <button type="button" className="button" onClick={remedy.run}>
            {remedy.label}
          </button>
        )}
        {advice.remedy === "bundled" && (
          <button type="button" className="button button-quiet" onClick={() => actions.reopen()}>
            Try again
          </button>
        )}
      </div>
    </div>
  );
}
