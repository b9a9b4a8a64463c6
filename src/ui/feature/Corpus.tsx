// What the scanned corpus shows of the feature: its histogram, and examples in which it fires.

import type { FeatureScan } from "../../lib/scan.ts";
import { useActions } from "../shared/app.ts";
import { ErrorPanel } from "../errors/ErrorPanel.tsx";
import { ViewLink } from "../shared/ViewLink.tsx";
import { scanTold } from "../shared/scanTold.ts";
import { CorpusHistogram } from "./CorpusHistogram.tsx";
import { CorpusExamples } from "./CorpusExamples.tsx";
import { useResult } from "../shared/result.ts";
import { featureScan } from "../../state/queries.ts";

interface Props {
  readonly index: number;
  /** undefined while it is on its way. */
  readonly scan: FeatureScan | null | undefined;
}

export function Corpus({ index, scan }: Props) {
  const actions = useActions();
  const { error } = useResult(featureScan, index);
  return (
    <section className="panel" aria-label="Corpus" data-testid="corpus">
      <h2>In the corpus</h2>
      {error !== null && (
        <ErrorPanel error={error} onRetry={() => actions.request(featureScan, index)} />
      )}
      {scan === null ? (
        <p className="note">
          No corpus was scanned with this SAE yet, so it is not known what the feature fires on
          beyond your text. <ViewLink to={{ place: "sae" }}>Scan one</ViewLink>: it runs here, in
          this browser.
        </p>
      ) : scan?.count === 0 ? (
        <p className="note">Not seen to fire anywhere in {scanTold(scan)}.</p>
      ) : (
        <>
          <p className="soft">{scan === undefined ? "\u00a0" : scanTold(scan)}</p>
          <CorpusHistogram scan={scan ?? null} />
          {scan === undefined ? (
            <div className="examples skeleton-rows" style={{ "--rows": 8 }} />
          ) : (
            <CorpusExamples key={scan.index} scan={scan} />
          )}
        </>
      )}
    </section>
  );
}
