// What the reader can take along: a link to this very view, and more of it behind Share.

import { useEffect, useState } from "react";
import { leftOutOf } from "../../state/linkLength.ts";
import { useActions } from "../shared/app.ts";
import { Share } from "./Share.tsx";

type Outcome = { readonly what: string; readonly text: string | null };

/** How long "copied" stands, in milliseconds. */
const STANDS = 4000;

export function TakeAway() {
  const actions = useActions();
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  useEffect(() => {
    if (outcome === null || outcome.text !== null) return undefined;
    const timer = setTimeout(() => setOutcome(null), STANDS);
    return () => clearTimeout(timer);
  }, [outcome]);

  /** @param left keys of what a link in the text leaves out. */
  const copy = async (what: string, text: string, left: readonly string[]): Promise<void> => {
    const without =
      left.length === 0 ? "" : ` without the view's ${left.join(" and ")}, too long for a link`;
    try {
      await navigator.clipboard.writeText(text);
      setOutcome({ what: `${what} copied${without}`, text: null });
    } catch {
      // No permission, or a page that is not secure: the reader copies by hand.
      setOutcome({ what: `${what}${without}: copy it from here`, text });
    }
  };
  const copyLink = (): void => {
    const link = actions.permalink();
    void copy("Link", link, leftOutOf(link));
  };
  return (
    <>
      <button
        type="button"
        className="button button-small"
        data-testid="copy-link"
        onClick={copyLink}
      >
        Copy link
      </button>
      <Share
        onCopy={(what, text, left = []) => void copy(what, text, left)}
        onNothing={() => setOutcome({ what: "Nothing to export here yet", text: null })}
      />
      <span className="outcome" role="status">
        {outcome?.text === null && outcome.what}
      </span>
      {outcome !== null && outcome.text !== null && (
        <div className="copy-by-hand">
          <label>
            {outcome.what}
            <textarea
              readOnly
              rows={4}
              value={outcome.text}
              onFocus={(event) => event.currentTarget.select()}
            />
          </label>
          <button type="button" className="button button-small" onClick={() => setOutcome(null)}>
            Close
          </button>
        </div>
      )}
    </>
  );
}
