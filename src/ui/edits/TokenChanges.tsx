// One token's features that the edits bring, take and change, as the SAE downstream reads them.

import type { Downstream, FeatureChange } from "../../lib/interventions.ts";
import { chosenDownstream } from "../../state/downstreamChoice.ts";
import { useApp } from "../shared/app.ts";
import { short } from "../shared/format.ts";
import { Hostile, Piece } from "../shared/Piece.tsx";
import { useLabel } from "../tokens/shown.ts";
import { ViewLink } from "../shared/ViewLink.tsx";

const ROWS = 6;

interface Props {
  readonly token: Downstream["tokens"][number];
  readonly sae: Downstream["reader"];
  /** It is the open SAE that reads: its features have labels here. */
  readonly own: boolean;
  readonly why: string;
}

export function TokenChanges({ token, sae, own, why }: Props) {
  const units = useApp((state) => state.view.units);
  const list = (name: string, changes: readonly FeatureChange[]) => (
    <List key={name} name={name} changes={changes} own={own} />
  );
  return (
    <section className="token-changes" aria-label={`Features of position ${token.position}`}>
      <h4>
        At <Piece piece={token.token} />, position {token.position}{" "}
        <span className="soft">
          {why}; {units}
          {units === "raw" && ", in the order of folded changes"}
        </span>
      </h4>
      <div className="continuations">
        {list("gained", token.gained)}
        {list("lost", token.lost)}
        {list("changed most", token.changed)}
      </div>
      {!own && (
        <p className="caption">
          Features of <Hostile text={sae.folder} />; their pages open with that SAE.
        </p>
      )}
    </section>
  );
}

interface ListProps {
  readonly name: string;
  readonly changes: readonly FeatureChange[];
  readonly own: boolean;
}

function List({ name, changes, own }: ListProps) {
  return (
    <div>
      <h5>{name}</h5>
      {changes.length === 0 ? (
        <p className="soft">none</p>
      ) : (
        <ol className="attributed">
          {changes.slice(0, ROWS).map((change) => (
            <Row key={change.index} change={change} own={own} />
          ))}
        </ol>
      )}
      {changes.length > ROWS && <p className="soft">and {changes.length - ROWS} weaker ones</p>}
    </div>
  );
}

function Row({ change: { index, before, after }, own }: { change: FeatureChange; own: boolean }) {
  const units = useApp((state) => state.view.units);
  const sae = useApp(chosenDownstream);
  const label = useLabel(own ? index : null);
  return (
    <li>
      <ViewLink
        // Edits are of the open SAE's features: they do not go along to another.
        to={{ place: "feature", feature: index, ...(!own && { sae, edits: [] }) }}
        {...(own && { feature: index })}
        className="link"
      >
        {index}
      </ViewLink>
      <span className="soft one-line">{label !== null && <Hostile text={label.label} />}</span>
      <span className="number-change">
        {short(before[units])} → {short(after[units])}
      </span>
    </li>
  );
}
