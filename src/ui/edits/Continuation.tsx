// The text continued, without the edits and with them, from the same random numbers.

import { useState } from "react";
import { useActions, useApp } from "../shared/app.ts";
import { Hostile } from "../shared/Piece.tsx";
import { fileOf } from "../shared/exportReport.ts";
import { focusIn } from "./keepFocus.ts";
import { PartError } from "./PartError.tsx";
import { SaveReport } from "./SaveReport.tsx";
import { endedWords } from "./words.ts";
import { useResult } from "../shared/result.ts";
import { generation } from "../../state/queries.ts";

/** Text of number inputs. */
interface Typed {
  readonly tokens: string;
  readonly temperature: string;
  readonly topP: string;
  readonly seed: string;
}

const FIELDS: readonly {
  readonly name: keyof Typed;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
}[] = [
  { name: "tokens", label: "tokens", min: 1, max: 512, step: 1 },
  { name: "temperature", label: "temperature", min: 0, max: 100, step: 0.05 },
  { name: "topP", label: "top-p", min: 0.01, max: 1, step: 0.01 },
  { name: "seed", label: "seed", min: 0, max: 1_000_000, step: 1 },
];

export function Continuation() {
  const actions = useActions();
  const { data, stale, running, progress, error } = useResult(generation);
  const text = useApp((state) => state.view.text);
  const [typed, setTyped] = useState<Typed>({
    tokens: "40",
    temperature: "0",
    topP: "1",
    seed: "1",
  });
  const start = (): void =>
    actions.generate({
      maxTokens: Number(typed.tokens),
      temperature: Number(typed.temperature),
      topP: Number(typed.topP),
      seed: Number(typed.seed),
    });
  const made = running
    ? (progress?.generated ?? { clean: "", edited: null })
    : data && { clean: data.clean.text, edited: data.edited?.text ?? null };
  const ended = (of: "clean" | "edited"): string =>
    running || !data?.[of] ? "" : endedWords(data[of]);
  return (
    <div className="continuation" data-testid="continuation">
      <div className="part-head">
        <h3>Continue the text</h3>
        {data !== null && !running && !stale && (
          <SaveReport what="the continuation" file={() => fileOf(data)} />
        )}
      </div>
      <form
        className="toolbar"
        onSubmit={(event) => {
          event.preventDefault();
          if (running) actions.stop(generation);
          else start();
        }}
      >
        {FIELDS.map(({ name, label, ...range }) => (
          <label key={name} className="field">
            <span>{label}</span>
            <input
              type="number"
              required
              {...range}
              value={typed[name]}
              onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
            />
          </label>
        ))}
        <button type="submit" className="button button-small" data-testid="generate">
          {running ? "Stop" : "Continue"}
        </button>
      </form>
      {error !== null && (
        <PartError title="The text cannot go on like this" error={error} onRetry={start} />
      )}
      {made !== null && (
        <div
          className="continuations"
          aria-live={running ? "off" : "polite"}
          data-stale={stale && !running ? true : undefined}
        >
          <Made
            title={made.edited === null ? "the model goes on" : "without the edits"}
            made={made.clean}
            ended={ended("clean")}
            onUse={running || stale ? null : () => actions.setView({ text: text + made.clean })}
          />
          {made.edited !== null && (
            <Made
              title="with the edits"
              made={made.edited}
              ended={ended("edited")}
              onUse={
                running || stale
                  ? null
                  : () => actions.setView({ text: text + (made.edited ?? "") })
              }
            />
          )}
        </div>
      )}
    </div>
  );
}

interface MadeProps {
  readonly title: string;
  readonly made: string;
  readonly ended: string;
  readonly onUse: (() => void) | null;
}

function Made({ title, made, ended, onUse }: MadeProps) {
  return (
    <div>
      <h4>{title}</h4>
      <p className="continued">
        <Hostile text={made} />
      </p>
      {ended !== "" && <p className="soft">{ended}</p>}
      {onUse !== null && (
        <button
          type="button"
          className="link"
          onClick={({ currentTarget }) => {
            focusIn(currentTarget, ".continuation", "[type=submit]");
            onUse();
          }}
        >
          make it the text
        </button>
      )}
    </div>
  );
}
