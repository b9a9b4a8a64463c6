// Keeps a fault in one place from blanking the page: says what broke, keeps header and provenance, offers to draw again.

import { Component, type ReactNode } from "react";
import { describe } from "../../lib/errors.ts";
import { Hostile } from "../shared/Piece.tsx";

interface Props {
  readonly children: ReactNode;
}

interface State {
  readonly fault: string | null;
}

export class Guard extends Component<Props, State> {
  override state: State = { fault: null };

  static getDerivedStateFromError(error: unknown): State {
    return { fault: describe(error) };
  }

  override render(): ReactNode {
    if (this.state.fault === null) return this.props.children;
    return (
      <div className="error" role="alert" data-testid="error">
        <h2>This view could not be drawn</h2>
        <p>
          <Hostile text={this.state.fault} />
        </p>
        <p>Your text and everything that is open are kept.</p>
        <div className="error-actions">
          <button type="button" className="button" onClick={() => this.setState({ fault: null })}>
            Draw it again
          </button>
        </div>
      </div>
    );
  }
}
