// Where the reader types or pastes; presets below. What is typed goes to the view at once, and the store decides when to run.

import { useApp, useActions } from "../shared/app.ts";
import { visibleText } from "../shared/visible.ts";

/** Enough of a preset to know it by. */
const PRESET_LENGTH = 16;

function presetName(text: string): string {
  const line = visibleText(text).replaceAll("\n", " ").trim();
  return line.length <= PRESET_LENGTH ? line : `${line.slice(0, PRESET_LENGTH).trimEnd()}…`;
}

export function TextBox() {
  const actions = useActions();
  const text = useApp((state) => state.view.text);
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
        dir="auto"
        onChange={(event) => actions.setView({ text: event.target.value, token: null }, "replace")}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
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
