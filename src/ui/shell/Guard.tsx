// Keeps a fault in one place from blanking the page: says what broke, keeps header and provenance, offers to draw again.

import { Component, type ReactNode } from "react";
import { describe, FacetError } from "../../lib/errors.ts";
import { DrawingContext, nextDrawing } from "../shared/later.tsx";
import { Hostile } from "../shared/Piece.tsx";

interface Props {
  readonly children: ReactNode;
}

interface State {
  readonly fault: string | null;
  readonly drawing: number;
}

export class Guard extends Component<Props, State> {
  override state: State = { fault: null, drawing: nextDrawing() };

  static getDerivedStateFromError(error: unknown): Pick<State, "fault"> {
    return { fault: error instanceof FacetError ? error.message : describe(error) };
  }

  override render(): ReactNode {
    const { fault, drawing } = this.state;
    if (fault === null) {
      return <DrawingContext value={drawing}>{this.props.children}</DrawingContext>;
    }
    return (
      <div className="error" role="alert" data-testid="error">
        <h2>This view could not be drawn</h2>
        <p>
          <Hostile text={fault} />
        </p>
        <p>Your text and everything that is open are kept.</p>
        <div className="error-actions">
          <button
            type="button"
            className="button"
            onClick={() => this.setState({ fault: null, drawing: nextDrawing() })}
          >
            Draw it again
          </button>
        </div>
      </div>
    );
  }
}
