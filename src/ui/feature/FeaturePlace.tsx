// The Feature place: the reader's own text on top, then what the feature fires on in a corpus, what its decoder direction
// writes, and its neighbours.

import { Suspense } from "react";
import type { FeatureFacts as Facts, Lens } from "../../lib/report.ts";
import { useActions } from "../shared/app.ts";
import { FeatureLabel } from "../labels/FeatureLabel.tsx";
import { ErrorPanel } from "../errors/ErrorPanel.tsx";
import { BarsFigure } from "../charts/Figure.tsx";
import { later } from "../shared/later.tsx";
import { count } from "../shared/format.ts";
import { ListButton } from "../shared/ListButton.tsx";
import { useCurrentFeature, useCurrentIsOpen } from "../tokens/shown.ts";
import { ViewLink } from "../shared/ViewLink.tsx";
import { Legend } from "../tokens/Legend.tsx";
import { TokenStrip } from "../tokens/TokenStrip.tsx";
import { WaitingStrip } from "../tokens/WaitingStrip.tsx";
import { useTokenValues } from "../tokens/useTokenValues.ts";
import { ActivationHistogram } from "./ActivationHistogram.tsx";
import { Corpus } from "./Corpus.tsx";
import { FeatureFacts } from "./FeatureFacts.tsx";
import { FeatureNav } from "./FeatureNav.tsx";
import { LensOffer } from "./LensOffer.tsx";
import { LensTable } from "./LensTable.tsx";
import { Neighbours } from "./Neighbours.tsx";
import { NoDirection } from "./NoDirection.tsx";
import { TextActivations } from "./TextActivations.tsx";
import { useAnalysis, useResult } from "../shared/result.ts";
import { feature, featureScan } from "../../state/queries.ts";

// Fetched with the first feature's page.
const FeatureEdits = later(async () => (await import("../edits/FeatureEdits.tsx")).FeatureEdits);

export function FeaturePlace() {
  const actions = useActions();
  const current = useCurrentFeature();
  const asked = useCurrentIsOpen() ? current : null;
  const { data, stale, error } = useResult(feature, asked);
  const report = data?.index === current ? data : null;
  const scanned = useResult(featureScan, asked);
  // undefined while it is on its way; null where no scan fits what is open.
  const scan = scanned.stale || scanned.running ? undefined : scanned.data;
  return (
    <>
      <header className="place-head">
        <h1 tabIndex={-1}>{current === null ? "Feature" : `Feature ${current}`}</h1>
        <FeatureNav />
        {current !== null && error === null && (
          <>
            <ListButton feature={current} />
            <FeatureLabel index={current} report={report} />
          </>
        )}
      </header>
      {current === null ? (
        <p className="note">
          No feature is chosen. Type a number above, take a random one, or pick one from your text.
        </p>
      ) : error !== null ? (
        <>
          <ErrorPanel error={error} onRetry={() => actions.request(feature, current)} />
          {error.code === "NoSuchFeature" && (
            <p className="button-row">
              <ViewLink to={{ feature: null }} className="button">
                Show the strongest feature of your text
              </ViewLink>
            </p>
          )}
        </>
      ) : (
        <div className="columns columns-feature" data-stale={stale || undefined}>
          <div className="column">
            <OwnText index={current} />
            <Corpus index={current} scan={scan} />
          </div>
          <div className="column">
            <LogitLens report={report} />
          </div>
          <div className="column">
            <section className="panel" aria-label="Facts">
              <FeatureFacts index={current} report={report} scan={scan} />
            </section>
            <Suspense fallback={null}>
              <FeatureEdits />
            </Suspense>
            <Neighbours report={report} scan={scan} />
          </div>
        </div>
      )}
    </>
  );
}

function OwnText({ index }: { index: number }) {
  const analysis = useAnalysis();
  const values = useTokenValues(analysis.data, { colour: "feature", feature: index });
  return (
    <section className="panel" aria-label="Your text">
      <h2>Your text</h2>
      <Legend values={values} feature={{ index, why: "chosen" }} />
      {analysis.error !== null && <ErrorPanel error={analysis.error} />}
      {analysis.data !== null && values !== null ? (
        <TokenStrip
          tokens={analysis.data.tokens}
          values={values}
          stale={analysis.stale}
          label={`Your text, coloured by feature ${index}`}
        />
      ) : (
        analysis.error === null && <WaitingStrip />
      )}
      <TextActivations index={index} rows={8} />
      <ActivationHistogram values={values} stale={analysis.stale} />
    </section>
  );
}

function LogitLens({ report }: { report: Facts | null }) {
  return (
    <section className="panel" data-testid="logit-lens">
      <h2>Logit lens</h2>
      <p className="soft">
        The direction this feature writes, read through the unembedding: Ŵ_dec · W_U.
      </p>
      {report?.decoderNorm === 0 ? (
        <NoDirection />
      ) : report !== null && report.logitLens === null ? (
        <LensOffer />
      ) : (
        <>
          <OneLens
            title="Without the final norm weight"
            note="as dashboards have it"
            lens={report?.logitLens?.withoutNorm ?? null}
          />
          <OneLens
            title="With the final norm weight"
            note="(1 + w_final) ⊙ Ŵ_dec · W_U"
            lens={report?.logitLens?.withNorm ?? null}
          />
        </>
      )}
    </section>
  );
}

const EMPTY = { edges: [], counts: [] };

function OneLens({ title, note, lens }: { title: string; note: string; lens: Lens | null }) {
  const vocab = lens?.histogram.counts.reduce((sum, n) => sum + n, 0) ?? 0;
  return (
    <section className="lens-block">
      <h3>
        {title} <span className="soft">{note}</span>
      </h3>
      <LensTable lens={lens} rows={10} />
      <BarsFigure
        title="All tokens"
        height={110}
        histogram={lens?.histogram ?? EMPTY}
        x="logit change per unit"
        y="tokens"
        signed
        caption={
          lens === null
            ? "\u00a0"
            : `The whole vocabulary, ${count(vocab)} tokens, in ${lens.histogram.counts.length} bins.`
        }
        description={`Histogram of the logit lens over ${vocab} tokens of the vocabulary.`}
      />
    </section>
  );
}
