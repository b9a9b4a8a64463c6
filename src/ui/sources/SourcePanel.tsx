// The panel of sources, under the header: which model, which SAE, from where, in which precision; and what is kept here
// of what was read before. Opening closes it; what opening asks or says stands where it was.

import { useEffect, useRef, useState } from "react";
import type { Precision } from "../../lib/report.ts";
import { PUBLIC_HUB } from "../../state/memory.ts";
import { useActions, useApp } from "../shared/app.ts";
import { FolderPicker } from "./FolderPicker.tsx";
import { type Form, modelChoices, pickedSae, saeChoices, sourcesOf } from "./form.ts";
import { SourceChoice } from "./SourceChoice.tsx";
import { Stored } from "./Stored.tsx";
import type { SourcesState } from "./useSources.ts";

const PRECISIONS: readonly (readonly [Precision, string])[] = [
  ["f32", "f32, the same values"],
  ["int8", "int8, rounded a little"],
  ["int4", "int4, rounded coarsely"],
];

interface Props {
  readonly form: Form;
  readonly sources: SourcesState;
}

export function SourcePanel({ form, sources }: Props) {
  const { change, close, part, take } = sources;
  const actions = useActions();
  const catalog = useApp((state) => state.catalog);
  const [wrong, setWrong] = useState<string | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const stored = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const target = part === "stored" ? stored.current : heading.current;
    target?.focus();
    target?.scrollIntoView({ block: "nearest" });
  }, [part]);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const element = panel.current;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      // The panel's, and not the token's or the feature's that the page lets go of.
      event.preventDefault();
      close();
    };
    element?.addEventListener("keydown", onKeyDown);
    return () => element?.removeEventListener("keydown", onKeyDown);
  }, [close]);
  const saes = saeChoices(form, catalog);
  const problem = wrong ?? sources.problem;
  // A link may ask for any.
  const offered = PRECISIONS.some(([name]) => name === form.precision);
  const submit = (): void => {
    const outcome = sourcesOf(form, catalog);
    if ("problem" in outcome) {
      setWrong(outcome.problem);
      return;
    }
    close();
    actions.openSources(outcome.sources);
  };
  const edit = (next: Form): void => {
    setWrong(null);
    change(next);
  };
  return (
    <section
      ref={panel}
      id="source-panel"
      className="source-panel"
      aria-labelledby="source-heading"
      data-testid="source-panel"
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <div className="source-head">
          <h2 id="source-heading" ref={heading} tabIndex={-1}>
            Open a model and an SAE
          </h2>
          <button type="button" className="button button-small" onClick={close}>
            Close
          </button>
        </div>
        <div className="source-columns">
          <SourceChoice
            kind="model"
            legend="Model"
            choices={modelChoices(form, catalog)}
            {...form.model}
            example="owner/name or owner/name@revision, such as google/gemma-2b@main"
            onChange={(model) => edit({ ...form, model })}
          />
          <SourceChoice
            kind="sae"
            legend="SAE"
            choices={saes}
            id={pickedSae(form, saes)}
            text={form.sae.text}
            example="owner/name/folder or owner/name@revision/folder"
            onChange={(sae) => edit({ ...form, sae })}
          />
          <div className="source-how">
            <FolderPicker form={form} onChange={edit} onFolders={take} />
            <div className="source-settings">
              <label className="source-setting">
                <span>Hub</span>
                <input
                  type="text"
                  inputMode="url"
                  data-testid="source-endpoint"
                  autoCapitalize="off"
                  autoComplete="off"
                  spellCheck={false}
                  placeholder={PUBLIC_HUB}
                  value={form.endpoint}
                  onChange={(event) => edit({ ...form, endpoint: event.target.value })}
                />
                <small>The public Hub, or the address of a mirror.</small>
              </label>
              <label className="source-setting">
                <span>Weights kept as</span>
                <select
                  data-testid="source-precision"
                  value={form.precision ?? ""}
                  onChange={(event) => {
                    const chosen = PRECISIONS.find(([name]) => name === event.target.value);
                    edit({ ...form, precision: chosen === undefined ? null : chosen[0] });
                  }}
                >
                  <option value="">in their file (exact)</option>
                  {form.precision !== null && !offered && (
                    <option value={form.precision}>{form.precision}</option>
                  )}
                  {PRECISIONS.map(([name, words]) => (
                    <option key={name} value={name}>
                      {words}
                    </option>
                  ))}
                </select>
                <small>Rounded weights take less memory; Verify shows what that does.</small>
              </label>
            </div>
          </div>
        </div>
        <div className="source-foot">
          <button type="submit" className="button button-strong" data-testid="source-open">
            Open
          </button>
          <p role="alert" data-testid="source-problem">
            {problem}
          </p>
        </div>
      </form>
      <div ref={stored} tabIndex={-1}>
        <Stored />
      </div>
    </section>
  );
}
