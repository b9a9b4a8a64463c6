// How the numbers on show were made, always in sight: model, revision, precision, activation, SAE, backend.

import type { Provenance } from "../../lib/report.ts";
import { useApp } from "../shared/app.ts";
import { Hostile } from "../shared/Piece.tsx";
import { useAnalysis } from "../shared/result.ts";

/** Enough of a commit to know it by. */
const SHORT = 10;

export function ProvenanceLine() {
  const card = useApp((state) => state.card);
  const { data: analysed } = useAnalysis();
  // What is on show was made by the report's own settings, also while another model is being opened.
  const provenance: Provenance | null = analysed ?? card.data?.provenance ?? null;
  return (
    <p className="provenance" data-testid="provenance" data-stale={card.running || undefined}>
      {provenance === null ? (
        <span>No model is open yet. Everything runs in this browser; no text leaves it.</span>
      ) : (
        <>
          <Part
            name="model"
            text={`${provenance.model.source} @ ${provenance.model.revision.slice(0, SHORT)}`}
          />
          <Part name="weights" text={provenance.model.precision} />
          <Part name="GELU" text={provenance.model.activation} />
          <Part
            name="SAE"
            text={`${provenance.sae.source}/${provenance.sae.folder} @ ${provenance.sae.revision.slice(0, SHORT)}`}
          />
          <Part
            name="backend"
            text={`${provenance.backend.name}${provenance.backend.adapter === undefined ? "" : ` (${provenance.backend.adapter})`}`}
          />
          <Part name="Facet" text={provenance.facet} />
        </>
      )}
    </p>
  );
}

function Part({ name, text }: { name: string; text: string }) {
  return (
    <span>
      <span className="soft">{name}</span> <Hostile text={text} />
    </span>
  );
}
