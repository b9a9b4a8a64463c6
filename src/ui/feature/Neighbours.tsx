// The ten features whose decoder rows point most nearly the same way.

import type { FeatureFacts } from "../../lib/report.ts";
import { ListMark } from "../shared/ListButton.tsx";
import { Hostile } from "../shared/Piece.tsx";
import { useLabel } from "../shared/shown.ts";
import { visibleText } from "../shared/visible.ts";
import { ViewLink } from "../shared/ViewLink.tsx";

const TEN = 10;

export function Neighbours({ report }: { report: FeatureFacts | null }) {
  return (
    <section className="panel" data-testid="neighbours">
      <h2>Nearest decoder directions</h2>
      <p className="soft">Cosine of decoder rows, itself left out.</p>
      <ol className="feature-list" style={{ "--rows": TEN }}>
        {(report?.neighbours ?? []).map(({ index, cosine }) => (
          <Neighbour key={index} index={index} cosine={cosine} />
        ))}
      </ol>
    </section>
  );
}

function Neighbour({ index, cosine }: { index: number; cosine: number }) {
  const label = useLabel(index);
  return (
    <li className="feature-row">
      <ViewLink to={{ feature: index }} feature={index}>
        <span className="feature-number">{index}</span>
        <span
          className="feature-label"
          title={label === null ? undefined : visibleText(label.label)}
        >
          {label !== null && <Hostile text={label.label} />}
        </span>
        <span className="feature-value">
          <span className="feature-bar" style={{ "--share": Math.max(0, cosine) }} />
          {cosine.toFixed(3).replace("-", "−")}
        </span>
      </ViewLink>
      <ListMark feature={index} />
    </li>
  );
}
