// Where the reader types or pastes; presets below. What is typed goes to the view at once, and the store decides when to run.

import { useMemo } from "react";
import { direction } from "../../lib/direction.ts";
import { KEPT_MOST } from "../../state/longHistory.ts";
import { writeLink } from "../../state/permalink.ts";
import { useApp, useActions } from "../shared/app.ts";
import { visibleText } from "../shared/visible.ts";

/** Characters of a text whose paragraphs run each for itself; a longer one runs as its first does (direction.ts). */
const EACH_MOST = 20_000;

/** Enough of a preset to know it by. */
const PRESET_LENGTH = 16;

function presetName(text: string): string {
  const line = visibleText(text).replaceAll("\n", " ").trim();
  return line.length <= PRESET_LENGTH ? line : `${line.slice(0, PRESET_LENGTH).trimEnd()}…`;
}

export function TextBox() {
  const actions = useActions();
  const view = useApp((state) => state.view);
  const { text } = view;
  const tooLong = useMemo(() => writeLink(view).left.includes("text"), [view]);
  const presets = useApp((state) => state.card.data?.presets ?? null);
  return (
    <section className="text-box" aria-label="Your text">
      <textarea
        id="text-input"
        data-testid="text-input"
        aria-label="Text to explore"
        aria-keyshortcuts="/"
        placeholder="Type or paste a text…"
        value={text}
        rows={3}
        spellCheck={false}
        dir={direction(text)}
        style={{ unicodeBidi: text.length <= EACH_MOST ? "plaintext" : "normal" }}
        onChange={(event) => actions.setView({ text: event.target.value, token: null }, "replace")}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      {tooLong && (
        <p className="soft" role="status" data-testid="text-too-long">
          This text is too long for a link: links to this view come without it.{" "}
          {text.length <= KEPT_MOST
            ? "This tab keeps it, over a reload too."
            : "It is too long for the browser to keep, too: a reload loses it."}
        </p>
      )}
      <div className="presets" data-testid="presets">
        {(presets ?? []).map((preset) => (
          <button
            key={preset}
            type="button"
            className="preset"
            aria-pressed={preset === text}
            onClick={() => actions.setView({ text: preset, token: null })}
          >
            <bdi>{presetName(preset)}</bdi>
          </button>
        ))}
      </div>
    </section>
  );
}
