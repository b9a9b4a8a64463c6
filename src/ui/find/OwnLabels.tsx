// The reader's own labels as a file: out of this browser and into it; and where other labels come from.

import { useRef } from "react";
import { labelFile } from "../../state/labelFile.ts";
import { useActions, useApp } from "../shared/app.ts";
import { count } from "../shared/format.ts";
import { Hostile } from "../shared/Piece.tsx";
import { saveJson } from "../shared/exportReport.ts";

export function OwnLabels() {
  const actions = useActions();
  const card = useApp((state) => state.card.data);
  const { own, asksNeuronpedia } = useApp((state) => state.labels);
  const picker = useRef<HTMLInputElement>(null);
  const sae = card?.provenance.sae;
  const labels = card?.sae.labels ?? null;
  const id = card?.sae.neuronpediaId ?? null;
  const written = Object.keys(own).length;
  return (
    <>
      <section className="panel" data-testid="own-labels">
        <h2>Your labels</h2>
        <p>
          {written === 0
            ? "None for this SAE yet. A feature’s page has a way to name it."
            : `${count(written)} for this SAE, kept in this browser.`}
        </p>
        <div className="button-row">
          <button
            type="button"
            className="button button-small"
            data-testid="labels-import"
            disabled={sae === undefined}
            onClick={() => picker.current?.click()}
          >
            Import…
          </button>
          <button
            type="button"
            className="button button-small"
            data-testid="labels-export"
            disabled={written === 0}
            onClick={() =>
              sae !== undefined &&
              saveJson(`facet-labels-${sae.folder || sae.hook}.json`, labelFile(sae, own))
            }
          >
            Export
          </button>
          <input
            ref={picker}
            type="file"
            hidden
            accept="application/json,.json"
            data-testid="labels-file"
            onChange={(event) => {
              const file = event.target.files?.[0];
              if (file !== undefined) actions.importLabels(file, file.name);
              // The same file again is a change again.
              event.target.value = "";
            }}
          />
        </div>
        <p className="caption">
          Yours are shown in place of others, and are added to, not replaced, by a file that is
          brought. They are in no link and no report.
        </p>
      </section>
      <section className="panel">
        <h2>Others’ labels</h2>
        <p className="soft">
          {labels === null ? (
            "None came with this SAE."
          ) : (
            <>
              {count(Object.keys(labels.entries).length)} <Hostile text={labels.source} />:{" "}
              <Hostile text={labels.method} />.
            </>
          )}
        </p>
        {id === null ? (
          <p className="soft">Neuronpedia’s name for this SAE is not known.</p>
        ) : (
          <>
            <label className="field">
              <input
                type="checkbox"
                checked={asksNeuronpedia}
                onChange={(event) => actions.askNeuronpedia(event.target.checked)}
              />
              <span>ask Neuronpedia for labels</span>
            </label>
            <p className="caption">
              For each feature whose page you open, www.neuronpedia.org is sent its number (
              <Hostile text={id} />
              /17, say) and nothing else: no text, no cookie, no address of this page.
            </p>
          </>
        )}
      </section>
    </>
  );
}
