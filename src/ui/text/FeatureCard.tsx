// The chosen feature in brief, beside the text: what it is called, how often it fires, its positive and negative
// logits, where it fires here. The Feature place has the rest.

import { useActions } from "../shared/app.ts";
import { ErrorPanel } from "../errors/ErrorPanel.tsx";
import { FeatureFacts } from "../feature/FeatureFacts.tsx";
import { FeatureNav } from "../feature/FeatureNav.tsx";
import { LensOffer } from "../feature/LensOffer.tsx";
import { NoDirection } from "../feature/NoDirection.tsx";
import { LensTable } from "../feature/LensTable.tsx";
import { TextActivations } from "../feature/TextActivations.tsx";
import { FeatureLabel } from "../labels/FeatureLabel.tsx";
import { ListButton } from "../shared/ListButton.tsx";
import { ViewLink } from "../shared/ViewLink.tsx";
import { useCurrentFeature, useCurrentIsOpen } from "../tokens/shown.ts";
import { useAnalysis, useResult } from "../shared/result.ts";
import { feature } from "../../state/queries.ts";

export function FeatureCard() {
  const actions = useActions();
  const current = useCurrentFeature();
  const analysed = useAnalysis().data !== null;
  const { data, stale, error } = useResult(feature, useCurrentIsOpen() ? current : null);
  const report = data?.index === current ? data : null;
  return (
    <section
      className="panel feature-card"
      data-testid="feature-card"
      data-stale={(current !== null && stale) || undefined}
    >
      <header className="panel-head">
        <h2>{current === null ? "Feature" : `Feature ${current}`}</h2>
        <FeatureNav />
      </header>
      {error !== null ? (
        <ErrorPanel
          error={error}
          {...(current !== null && { onRetry: () => actions.request(feature, current) })}
        />
      ) : current === null ? (
        analysed && <p className="note">Choose a feature from the lists, or go to a number.</p>
      ) : (
        <>
          <FeatureLabel index={current} report={report} />
          <FeatureFacts index={current} report={report} scan={null} />
          <h3>Positive and negative logits</h3>
          {report?.decoderNorm === 0 ? (
            <NoDirection />
          ) : report !== null && report.logitLens === null ? (
            <LensOffer />
          ) : (
            <>
              <LensTable lens={report?.logitLens?.withoutNorm ?? null} rows={5} />
              <p className="caption">
                Logit lens without the final norm weight, as dashboards have it.
              </p>
            </>
          )}
          <h3>On this text</h3>
          <TextActivations index={current} rows={6} />
          <div className="button-row">
            <ViewLink
              to={{ place: "feature", feature: current }}
              className="button"
              testId="open-feature"
            >
              Open feature {current}
            </ViewLink>
            <ListButton feature={current} />
          </div>
        </>
      )}
    </section>
  );
}
