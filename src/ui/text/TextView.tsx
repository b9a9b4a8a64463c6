// The coloured text with its notices: what the reader looks at first. While there is no analysis yet, the plain text
// stands in the same type, so nothing moves when colours arrive.

import type { Analysis } from "../../lib/report.ts";
import { useActions, useApp } from "../shared/app.ts";
import { ErrorPanel } from "../errors/ErrorPanel.tsx";
import { count } from "../shared/format.ts";
import { useShownFeature } from "../tokens/shown.ts";
import { Legend } from "../tokens/Legend.tsx";
import { TokenStrip } from "../tokens/TokenStrip.tsx";
import { WaitingStrip } from "../tokens/WaitingStrip.tsx";
import { TokenTable } from "./TokenTable.tsx";
import { useTokenValues } from "../tokens/useTokenValues.ts";
import { useAnalysis, useResult } from "../shared/result.ts";
import { analysis as analysisQuery, verification } from "../../state/queries.ts";

export function TextView() {
  const actions = useActions();
  const analysis = useAnalysis();
  const checks = useResult(verification);
  const colour = useApp((state) => state.view.colour);
  const layout = useApp((state) => state.view.layout);
  const shown = useShownFeature();
  const values = useTokenValues(analysis.data);

  return (
    <section className="text-view" aria-label="Tokens" aria-busy={analysis.running}>
      <Legend
        values={values}
        feature={colour === "feature" || shown?.why === "hovered" ? shown : null}
      />
      {analysis.error !== null && (
        <ErrorPanel error={analysis.error} onRetry={() => actions.request(analysisQuery)} />
      )}
      {colour === "ce" && checks.error !== null && (
        <ErrorPanel error={checks.error} onRetry={() => actions.request(verification)} />
      )}
      {analysis.data === null || values === null ? (
        analysis.error === null && <WaitingStrip />
      ) : layout === "prose" ? (
        <TokenStrip
          tokens={analysis.data.tokens}
          values={values}
          stale={analysis.stale}
          label="Tokens of your text"
        />
      ) : (
        <TokenTable
          tokens={analysis.data.tokens}
          feature={shown?.index ?? null}
          verification={checks.stale ? null : checks.data}
          stale={analysis.stale}
        />
      )}
      <LengthNotes analysis={analysis.data} />
    </section>
  );
}

/** What was left out, and what lies beyond what the SAE was trained on. */
function LengthNotes({ analysis }: { analysis: Analysis | null }) {
  if (analysis === null) return null;
  const used = analysis.tokens.length;
  const context = analysis.saeContext;
  return (
    <>
      {analysis.truncated && (
        <p className="note" role="status" data-testid="truncated">
          The first {count(used)} tokens
          {analysis.totalTokens === null ? "" : ` of ${count(analysis.totalTokens)}`} are used: more
          do not fit the model&rsquo;s context.
        </p>
      )}
      {context !== null && used > context && (
        <p className="note" role="status" data-testid="beyond-context">
          The SAE was trained on contexts of {count(context)} tokens; what it says beyond position{" "}
          {count(context - 1)} was not trained for.
        </p>
      )}
      {used <= 1 && (
        <p className="note" role="status" data-testid="empty-text">
          Only the beginning-of-sequence token is here. Type a text above, or take one of the
          presets.
        </p>
      )}
    </>
  );
}
