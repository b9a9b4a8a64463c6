// What can be taken along of this view besides its link: a card for a message, a frame for another page, the numbers as
// JSON, Python that reproduces them. The browser's own popover: Escape and a click outside close it.

import { useRef } from "react";
import { leftOutOf } from "../../state/linkLength.ts";
import { useActions, useApp, useAppStore } from "../shared/app.ts";
import { embedCode, markdownCard } from "./takeAway.ts";
import { exportOf, saveJson } from "../shared/exportReport.ts";
import { codeRequest } from "./saelensCode.ts";
import { useShareCard } from "./useDocumentCard.ts";
import { comparison } from "../../state/queries.ts";
import { useAnalysis, useKnown } from "../shared/result.ts";
import { useCurrentFeature } from "../tokens/shown.ts";

interface Props {
  /** `left`: keys of what the link in the text leaves out. */
  readonly onCopy: (what: string, text: string, left?: readonly string[]) => void;
  readonly onNothing: () => void;
}

export function Share({ onCopy, onNothing }: Props) {
  const store = useAppStore();
  const actions = useActions();
  const popover = useRef<HTMLDivElement>(null);
  const ready = useApp((state) => state.card.data !== null);
  const shown = {
    view: useApp((state) => state.view),
    card: useApp((state) => state.card),
    analysis: useAnalysis(),
    // What is known of it; the Compare place asks for it.
    comparison: useKnown(comparison),
  };
  const card = useShareCard();
  const current = useCurrentFeature();
  const copy = (what: string, text: string, left?: readonly string[]): void => {
    popover.current?.hidePopover();
    onCopy(what, text, left);
  };
  const copyCode = (): void => {
    const request = codeRequest(shown);
    if (request === null) {
      onNothing();
      return;
    }
    // Fetched as it is asked for.
    import("../../export/saelens/code.ts").then(
      ({ saelensCode }) => copy("Code", saelensCode(request)),
      () => onNothing(),
    );
  };
  const copyLinked = (what: string, link: string, write: (link: string) => string): void =>
    copy(what, write(link), leftOutOf(link));
  const save = (): void => {
    popover.current?.hidePopover();
    const file = exportOf(store, current);
    if (file === null) onNothing();
    else saveJson(file.name, file.report);
  };
  return (
    <>
      <button
        type="button"
        className="button button-small"
        data-testid="share"
        popoverTarget="share-card"
      >
        Share…
      </button>
      <div
        ref={popover}
        id="share-card"
        className="popover share"
        popover="auto"
        role="dialog"
        aria-label="Share this view"
      >
        <h2>{card.title}</h2>
        <p className="soft">{card.description}</p>
        <ul className="share-list">
          <Item
            name="Copy as Markdown"
            note="the title as a link, with the description"
            testId="copy-markdown"
            run={() =>
              copyLinked("Markdown", actions.permalink(), (link) => markdownCard(card, link))
            }
          />
          <Item
            name="Copy embed code"
            note="an iframe of this place alone"
            testId="copy-embed"
            run={() =>
              copyLinked("Embed code", actions.permalink({ embed: true }), (link) =>
                embedCode(card, link),
              )
            }
          />
          <Item
            name="Copy as SAELens code"
            note="Python that reproduces these numbers"
            testId="copy-code"
            disabled={codeRequest(shown) === null}
            run={copyCode}
          />
          <Item
            name="Export JSON"
            note="the report behind this place"
            testId="export-json"
            disabled={!ready}
            run={save}
          />
        </ul>
      </div>
    </>
  );
}

interface ItemProps {
  readonly name: string;
  readonly note: string;
  readonly testId: string;
  readonly disabled?: boolean;
  readonly run: () => void;
}

function Item({ name, note, testId, disabled = false, run }: ItemProps) {
  return (
    <li>
      <button
        type="button"
        className="button button-small"
        data-testid={testId}
        disabled={disabled}
        onClick={run}
      >
        {name}
      </button>
      <span className="soft">{note}</span>
    </li>
  );
}
