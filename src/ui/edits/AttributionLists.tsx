// Which features of a token matter for the next one: by what ablating each changes, and by what each writes directly.

import { useState } from "react";
import type { Attribution, FeatureAttribution } from "../../lib/interventions.ts";
import { useActions } from "../shared/app.ts";
import { percent, signed } from "../shared/format.ts";
import { Hostile, Piece } from "../shared/Piece.tsx";
import { ProgressBar } from "../shared/ProgressBar.tsx";
import { useLabel } from "../tokens/shown.ts";
import { fileOf } from "../shared/exportReport.ts";
import { PartError } from "./PartError.tsx";
import { SaveReport } from "./SaveReport.tsx";
import { usePosition, useResult } from "../shared/result.ts";
import { attribution } from "../../state/queries.ts";

const ROWS = 8;

export function AttributionLists() {
  const actions = useActions();
  const position = usePosition();
  const { data, stale, running, progress, error } = useResult(attribution, position);
  return (
    <div className="attribution" data-testid="attribution">
      <div className="part-head">
        <h3>Which features matter for the next token</h3>
        {data !== null && !stale && <SaveReport what="the attribution" file={() => fileOf(data)} />}
      </div>
      <div className="button-row">
        <button
          type="button"
          className="button button-small"
          data-testid="attribute"
          onClick={() => actions.attribute(position)}
        >
          Ablate each feature of the token
        </button>
        <span className="soft">the pinned one, or the last</span>
      </div>
      <p className="caption">
        For the text’s own next token; for another, choose it in the table of next tokens.
      </p>
      {error !== null && (
        <PartError
          title="Nothing can be ablated here"
          error={error}
          onRetry={() => actions.attribute(position)}
        />
      )}
      {running && data === null && <ProgressBar progress={progress} />}
      {data !== null && (
        <div data-stale={stale || undefined}>
          <Lists report={data} />
        </div>
      )}
    </div>
  );
}

function Lists({ report: { features, target, position } }: { report: Attribution }) {
  const [all, setAll] = useState(false);
  const by = (value: "ablation" | "direct"): FeatureAttribution[] =>
    features
      .toSorted((a, b) => Math.abs(b[value]) - Math.abs(a[value]))
      .slice(0, all ? undefined : ROWS);
  return (
    <>
      <p className="soft">
        For <Piece piece={target.token} /> after position {position}, at{" "}
        {percent(target.probability)}, choice {target.rank}; {features.length} features are active.
      </p>
      <div className="continuations">
        <List title="ablation effect, nats" features={by("ablation")} value="ablation" />
        <List title="logit attribution, logits" features={by("direct")} value="direct" />
      </div>
      {features.length > ROWS && (
        <p className="panel-foot soft">
          <button type="button" className="link" onClick={() => setAll(!all)}>
            {all ? `show the first ${ROWS}` : `show all ${features.length}`}
          </button>
        </p>
      )}
    </>
  );
}

interface ListProps {
  readonly title: string;
  readonly features: readonly FeatureAttribution[];
  readonly value: "ablation" | "direct";
}

function List({ title, features, value }: ListProps) {
  return (
    <div>
      <h4>{title}</h4>
      <ol className="attributed">
        {features.map((feature) => (
          <Row key={feature.index} index={feature.index} value={feature[value]} />
        ))}
      </ol>
    </div>
  );
}

function Row({ index, value }: { index: number; value: number }) {
  const actions = useActions();
  const label = useLabel(index);
  return (
    <li>
      <button type="button" className="link" onClick={() => actions.setView({ feature: index })}>
        {index}
      </button>
      <span className="soft one-line">{label !== null && <Hostile text={label.label} />}</span>
      <span>{signed(Number(value.toFixed(3)))}</span>
    </li>
  );
}
