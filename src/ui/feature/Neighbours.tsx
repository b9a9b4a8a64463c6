// The ten features whose decoder rows point most nearly the same way, and how often they fire on the same tokens.
// Pointing at one asks for its page before it is opened.

import { useEffect } from "react";
import type { FeatureFacts } from "../../lib/report.ts";
import type { FeatureScan } from "../../lib/scan.ts";
import { useActions, useApp } from "../shared/app.ts";
import { percent } from "../shared/format.ts";
import { ListMark } from "../shared/ListButton.tsx";
import { Hostile } from "../shared/Piece.tsx";
import { useLabel } from "../shared/shown.ts";
import { NoDirection } from "./NoDirection.tsx";
import { visibleText } from "../shared/visible.ts";
import { ViewLink } from "../shared/ViewLink.tsx";

const TEN = 10;

interface Props {
  readonly report: FeatureFacts | null;
  /** null where no corpus was scanned, undefined while it is not known yet. */
  readonly scan: FeatureScan | null | undefined;
}

export function Neighbours({ report, scan }: Props) {
  const shares = useCoFiring(report, scan);
  return (
    <section className="panel" data-testid="neighbours">
      <h2>Nearest decoder directions</h2>
      <p className="soft">
        The ten largest cosines of decoder rows, itself left out.
        {scan !== null &&
          " Co-firing: of the corpus\u2019 tokens that either fires on, how many both do (Jaccard, estimated from a sample of each)."}
      </p>
      {report?.decoderNorm === 0 && <NoDirection />}
      <p className="list-heads" aria-hidden="true">
        <span className="feature-number">feature</span>
        <span className="feature-label" />
        {scan !== null && <span className="co-firing">co-firing</span>}
        <span className="feature-value">cosine</span>
      </p>
      <ol className="feature-list" style={{ "--rows": TEN }}>
        {(report?.neighbours ?? []).map(({ index, cosine }) => (
          <Neighbour
            key={index}
            index={index}
            cosine={cosine}
            scanned={scan !== null}
            share={shares?.get(index)}
          />
        ))}
      </ol>
    </section>
  );
}

/** By feature number; null until they are known. */
function useCoFiring(report: FeatureFacts | null, scan: FeatureScan | null | undefined) {
  const actions = useActions();
  const { data, stale } = useApp((state) => state.coFiring);
  const current = report !== null && data?.index === report.index && !stale;
  useEffect(() => {
    if (report === null || !scan || scan.index !== report.index || current) return;
    actions.loadCoFiring(
      report.index,
      report.neighbours.map(({ index }) => index),
    );
  }, [report, scan, current, actions]);
  return current && scan ? data.shares : null;
}

interface NeighbourProps {
  readonly index: number;
  readonly cosine: number;
  /** A corpus was scanned, so the column is there. */
  readonly scanned: boolean;
  /** undefined while it is not known; null where neither fired. */
  readonly share: number | null | undefined;
}

function Neighbour({ index, cosine, scanned, share }: NeighbourProps) {
  const actions = useActions();
  const label = useLabel(index);
  return (
    <li className="feature-row">
      <ViewLink
        to={{ feature: index }}
        feature={index}
        onPoint={() => actions.prepareFeature(index)}
      >
        <span className="feature-number">{index}</span>
        <span
          className="feature-label"
          title={label === null ? undefined : visibleText(label.label)}
        >
          {label !== null && <Hostile text={label.label} />}
        </span>
        {scanned && (
          <span className="co-firing" title="Co-firing on the corpus, Jaccard">
            {share === undefined || share === null ? "" : percent(share)}
          </span>
        )}
        <span className="feature-value">
          <span className="feature-bar" style={{ "--share": Math.max(0, cosine) }} />
          {cosine.toFixed(3).replace("-", "−")}
        </span>
      </ViewLink>
      <ListMark feature={index} />
    </li>
  );
}
