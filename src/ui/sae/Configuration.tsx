// What the SAE is: its configuration as trained, the model it was trained on, and its files, last because nobody knows how
// many there are before they are read.

import type { ReactNode } from "react";
import { writeJson } from "../../lib/json.ts";
import { useApp } from "../shared/app.ts";
import { bytes, count } from "../shared/format.ts";
import { Hostile } from "../shared/Piece.tsx";
import { visibleText } from "../shared/visible.ts";

export function Configuration() {
  const card = useApp((state) => state.card.data);
  const { sae, model, provenance } = card ?? { sae: null, model: null, provenance: null };
  return (
    <>
      <section className="panel" data-testid="configuration">
        <h2>Configuration</h2>
        <dl className="facts facts-table">
          <Row name="Architecture" value={provenance?.sae.architecture} />
          {sae?.k !== null && sae?.k !== undefined && <Row name="k" value={count(sae.k)} />}
          <Row name="Hook" value={provenance?.sae.hook} />
          <Row name="d_in" value={provenance === null ? undefined : count(provenance.sae.dIn)} />
          <Row name="d_sae" value={provenance === null ? undefined : count(provenance.sae.dSae)} />
          <Row name="normalize_activations" value={sae?.normalization} />
          <Row
            name="apply_b_dec_to_input"
            value={sae === null ? undefined : String(sae.applyBDecToInput)}
          />
          <Row name="prepend_bos" value={sae === null ? undefined : String(sae.prependBos)} />
          <Row
            name="Training context"
            value={
              sae === null
                ? undefined
                : sae.contextSize === null
                  ? "not recorded"
                  : `${count(sae.contextSize)} tokens`
            }
          />
        </dl>
        <details className="more">
          <summary>cfg.json as it stands</summary>
          <textarea
            className="code"
            readOnly
            rows={14}
            aria-label="cfg.json"
            spellCheck={false}
            value={sae === null ? "" : visibleText(writeJson(sae.cfg, 1))}
          />
        </details>
      </section>
      <section className="panel">
        <h2>Model</h2>
        <dl className="facts facts-table">
          <Row name="Name" value={model?.name} />
          <Row name="Revision" value={provenance?.model.revision} />
          <Row name="Parameters" value={model === null ? undefined : count(model.parameters)} />
          <Row name="Blocks" value={model === null ? undefined : count(model.layers)} />
          <Row name="d_model" value={model === null ? undefined : count(model.dModel)} />
          <Row name="Vocabulary" value={model === null ? undefined : count(model.vocab)} />
          <Row
            name="Context"
            value={model === null ? undefined : `${count(model.context)} tokens`}
          />
          <Row name="Weights kept as" value={provenance?.model.precision} />
        </dl>
      </section>
      <section className="panel" data-testid="files">
        <h2>Files</h2>
        <dl className="facts facts-table">
          <Row name="Source" value={provenance?.sae.source} />
          <Row name="Folder" value={provenance?.sae.folder} />
          <Row name="Revision" value={provenance?.sae.revision} />
          {sae?.files.map((file) => (
            <Row key={file.path} name={<Hostile text={file.path} />} value={bytes(file.bytes)} />
          ))}
        </dl>
      </section>
    </>
  );
}

/** `undefined` while it is not known yet: the row's room is kept. */
function Row({ name, value }: { name: ReactNode; value: string | undefined }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value === undefined ? "\u00a0" : <Hostile text={value} />}</dd>
    </div>
  );
}
