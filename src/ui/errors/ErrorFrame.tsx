// What every error says: what happened, what was found, and what brought it about. What to do about it stands below.

import type { ReactNode } from "react";
import type { PlainError } from "../../lib/errors.ts";
import { Hostile } from "../shared/Piece.tsx";

interface Props {
  readonly error: PlainError;
  readonly title: string;
  readonly level?: "h2" | "h3";
  readonly children?: ReactNode;
}

export function ErrorFrame({ error, title, level: Title = "h3", children }: Props) {
  return (
    <div className="error" role="alert" data-testid="error" data-code={error.code ?? "unknown"}>
      <Title>{title}</Title>
      <p>
        <Hostile text={error.message} />
      </p>
      {error.cause !== null && (
        <p className="error-cause">
          Cause: <Hostile text={error.cause} />
        </p>
      )}
      {children}
    </div>
  );
}
