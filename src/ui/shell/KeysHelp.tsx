// The list of keys, opened by its button or by "?". The browser's own popover: Escape and a click outside close it.

import { useRef } from "react";
import { useKey } from "../shared/keys.ts";

const KEYS: readonly (readonly [string, string])[] = [
  ["/", "to the text box"],
  ["← → ↑ ↓ Home End", "along the tokens, once Tab has led there"],
  ["Enter", "pin the token, or let it go"],
  ["↑ ↓ ← → Enter", "along the table and the map, and to the feature"],
  ["Esc", "let go: first the token, then the feature"],
  ["[ and ]", "previous and next feature"],
  ["r", "a random feature"],
  ["l", "the feature on your list, or off it"],
  ["f", "to finding features by label"],
  ["?", "this list"],
];

export function KeysHelp() {
  const popover = useRef<HTMLDivElement>(null);
  useKey("?", () => popover.current?.togglePopover());
  return (
    <>
      <button
        type="button"
        className="button button-small"
        aria-label="List of keys"
        aria-keyshortcuts="?"
        data-testid="keys"
        popoverTarget="keys-help"
      >
        ?
      </button>
      <div
        ref={popover}
        id="keys-help"
        className="popover"
        popover="auto"
        role="dialog"
        aria-label="Keys"
      >
        <h2>Keys</h2>
        <dl className="keys">
          {KEYS.map(([key, what]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </div>
    </>
  );
}
