// The reader's text before its tokens are known: in the strip's type, so that nothing moves when colours arrive.

import { useApp } from "../shared/app.ts";
import { visibleText } from "../shared/visible.ts";

export function WaitingStrip() {
  const text = useApp((state) => state.view.text);
  return (
    <div className="strip prose strip-waiting" aria-hidden="true">
      {visibleText(text)}
    </div>
  );
}
