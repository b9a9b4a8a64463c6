// Why a part of the panel has nothing to show, where what was asked for is at fault and not a file, a hub or a device:
// those are shown as everywhere.

import type { ErrorCode, PlainError } from "../../lib/errors.ts";
import { ErrorFrame } from "../errors/ErrorFrame.tsx";
import { ErrorPanel } from "../errors/ErrorPanel.tsx";

/** Of what was asked, in a panel where nothing is opened. */
const ASKED: ReadonlySet<ErrorCode | null> = new Set<ErrorCode>([
  "Format",
  "Mismatch",
  "NoSuchFeature",
  "RepoNotFound",
]);

interface Props {
  readonly title: string;
  readonly error: PlainError;
  readonly remedy?: { readonly label: string; readonly run: (button: Element) => void };
  readonly onRetry: () => void;
}

export function PartError({ title, error, remedy, onRetry }: Props) {
  if (!ASKED.has(error.code)) return <ErrorPanel error={error} onRetry={onRetry} />;
  return (
    <ErrorFrame error={error} title={title}>
      {remedy !== undefined && (
        <div className="error-actions">
          <button
            type="button"
            className="button"
            data-testid="remedy"
            onClick={({ currentTarget }) => remedy.run(currentTarget)}
          >
            {remedy.label}
          </button>
        </div>
      )}
    </ErrorFrame>
  );
}
