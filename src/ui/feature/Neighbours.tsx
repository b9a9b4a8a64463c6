// The ten features whose decoder rows point most nearly the same way, and how often they fire on the same tokens.
// Pointing at one asks for its page before it is opened.

import { useMemo } from "react";
import type { FeatureFacts } from "../../lib/report.ts";
import type { FeatureScan } from "../../lib/scan.ts";
import { percent } from "../shared/format.ts";
import { ListMark } from "../shared/ListButton.tsx";
import { Hostile } from "../shared/Piece.tsx";
import { usePrepareFeature } from "../shared/prepareFeature.ts";
import { useLabel } from "../tokens/shown.ts";
import { NoDirection } from "./NoDirection.tsx";
import { visibleText } from "../shared/visible.ts";
import { ViewLink } from "../shared/ViewLink.tsx";
import { useResult } from "../shared/result.ts";
import { coActivation } from "../../state/queries.ts";

const TEN = 10;

interface Props {
  readonly report: FeatureFacts | null;
  /** null where no corpus was scanned, undefined while it is not known yet. */
  readonly scan: FeatureScan | null | undefined;
}

export function Neighbours({ report, scan }: Props) {
  const shares = useCoActivation(report, scan);
  return (
    <section className="panel" data-testid="neighbours">
      <h2>Nearest decoder directions</h2>
      <p className="soft">
        The ten largest cosines of decoder rows, itself left out.
        {scan !== null &&
          " Co-activation: of the corpus\u2019 tokens that either fires on, how many both do (Jaccard, estimated from a sample of each)."}
      </p>
      {report?.decoderNorm === 0 && <NoDirection />}
      <p className="list-heads" aria-hidden="true">
        <span className="feature-number">feature</span>
        <span className="feature-label" />
        {scan !== null && <span className="co-activation">co-activation</span>}
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
function useCoActivation(
  report: FeatureFacts | null,
  scan: FeatureScan | null | undefined,
): ReadonlyMap<number, number | null> | null {
  const others = useMemo(() => report?.neighbours.map(({ index }) => index) ?? [], [report]);
  const known = report !== null && scan ? report.index : null;
  const { data, stale } = useResult(coActivation, known, others);
  return useMemo(
    () =>
      data === null || stale || known === null
        ? null
        : new Map(others.map((other, i) => [other, data[i] ?? null])),
    [data, stale, known, others],
  );
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
  const prepare = usePrepareFeature();
  const label = useLabel(index);
  return (
    <li className="feature-row">
      <ViewLink to={{ feature: index }} feature={index} onPoint={() => prepare(index)}>
        <span className="feature-number">{index}</span>
        <span
          className="feature-label"
          title={label === null ? undefined : visibleText(label.label)}
        >
          {label !== null && <Hostile text={label.label} />}
        </span>
        {scanned && (
          <span className="co-activation" title="Co-activation on the corpus, Jaccard">
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
