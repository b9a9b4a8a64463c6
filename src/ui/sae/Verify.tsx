// The reconstruction checks: what was measured here beside what was published, each with its mask and its tokens.

import type { Verification } from "../../lib/report.ts";
import type { Loadable } from "../../state/store.ts";
import { useActions, useApp } from "../shared/app.ts";
import { ErrorPanel } from "../errors/ErrorPanel.tsx";
import { count, number, signed } from "../shared/format.ts";
import { MaskSwitch } from "../shared/MaskSwitch.tsx";
import { Hostile } from "../shared/Piece.tsx";
import { ProgressBar } from "../shared/ProgressBar.tsx";
import { METRIC_FACTS, otherPublished, publishedNote, scopeOf, verifyRows } from "./verifyRows.ts";
import { useResult } from "../shared/result.ts";
import { corpusVerification, verification } from "../../state/queries.ts";

const maskName = (mask: Verification["mask"]): string =>
  mask === "all" ? "all positions" : "specials left out";

export function Verify() {
  const actions = useActions();
  const text = useResult(verification);
  const corpus = useResult(corpusVerification);
  const card = useApp((state) => state.card.data);
  const mask = useApp((state) => state.view.mask);
  const open = card?.corpus ?? null;
  const busy = text.running || corpus.running;
  const published = card?.sae.published ?? [];
  const scope = corpus.data === null ? "corpus" : scopeOf(corpus.data.documents, open);
  const rows = verifyRows(text.data, corpus.data, published, mask, scope);
  const others = otherPublished(published);
  return (
    <section className="panel verify" data-testid="verify">
      <h2>Verify</h2>
      <p className="soft">
        The model runs with the SAE&rsquo;s reconstruction in place of its own residual stream, here
        in this browser.
      </p>
      <div className="toolbar">
        <MaskSwitch />
        <div className="button-row" role="group" aria-label="Run the checks on">
          <span className="soft">Run on</span>
          <button
            type="button"
            className="button"
            data-testid="verify-text"
            disabled={busy || card === null}
            onClick={() => actions.request(verification)}
          >
            this text
          </button>
          {open !== null && (
            <>
              <button
                type="button"
                className="button"
                data-testid="verify-sample"
                disabled={busy}
                onClick={() => actions.verifyCorpus(open.sampleDocuments)}
              >
                the first {open.sampleDocuments} documents
              </button>
              <button
                type="button"
                className="button"
                data-testid="verify-corpus"
                disabled={busy}
                onClick={() => actions.verifyCorpus()}
              >
                all {count(open.documents)} documents
              </button>
            </>
          )}
        </div>
      </div>
      <div className="verify-status" aria-live="polite">
        {text.running && (
          <ProgressBar progress={text.progress} onCancel={() => actions.stop(verification)} />
        )}
        {corpus.running && (
          <ProgressBar
            progress={corpus.progress}
            onCancel={() => actions.stop(corpusVerification)}
          />
        )}
      </div>
      {text.error !== null && (
        <ErrorPanel error={text.error} onRetry={() => actions.request(verification)} />
      )}
      {corpus.error !== null && (
        <ErrorPanel error={corpus.error} onRetry={() => actions.request(corpusVerification)} />
      )}
      <div className="scroll-x">
        <table className="table verify-table">
          <thead>
            <tr>
              <th scope="col">Metric</th>
              <th scope="col">This text</th>
              <th scope="col">Corpus</th>
              <th scope="col">Published</th>
              <th scope="col">Difference</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => {
              const facts = METRIC_FACTS[row.metric];
              return (
                <tr key={row.metric} data-testid={`metric-${row.metric}`} title={facts.note}>
                  <th scope="row">
                    {facts.label} {facts.unit !== "" && <small>{facts.unit}</small>}
                  </th>
                  <Value value={row.text} stale={text.stale} kind="text" />
                  <Value value={row.corpus} stale={corpus.stale} kind="corpus" />
                  <Value value={row.published} stale={false} kind="published" />
                  <td data-kind="difference" data-value={row.difference ?? undefined}>
                    {row.difference === null
                      ? ""
                      : Math.abs(row.difference) < 5e-4
                        ? "0"
                        : signed(row.difference)}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <ul className="captions">
        <Measured name="This text" of={text} />
        <Measured name="Corpus" of={corpus} corpus={open?.name ?? ""} />
        <li>
          <b>Published</b> <Hostile text={publishedNote(published, rows)} />
        </li>
        {others.map((entry) => (
          <li key={entry.metric}>
            <b>
              <Hostile text={entry.metric} />
            </b>{" "}
            {number(entry.value)} (<Hostile text={entry.source} />)
          </li>
        ))}
      </ul>
      <details className="more">
        <summary>What each number is, and why there are two explained variances</summary>
        <dl className="definitions">
          {rows.map(({ metric }) => (
            <div key={metric}>
              <dt>{METRIC_FACTS[metric].label}</dt>
              <dd>{METRIC_FACTS[metric].note}</dd>
            </div>
          ))}
        </dl>
        <p>
          Legacy explained variance averages a ratio over tokens, so a token near the mean can weigh
          as much as a hundred others and drag it below zero. The present one divides the whole
          error by the whole variance. Published tables of 2024 hold the legacy one.
        </p>
      </details>
    </section>
  );
}

function Value({ value, stale, kind }: { value: number | null; stale: boolean; kind: string }) {
  return (
    <td data-kind={kind} data-value={value ?? undefined} data-stale={stale || undefined}>
      {number(value)}
    </td>
  );
}

function Measured({
  name,
  of,
  corpus = "",
}: {
  name: string;
  of: Loadable<Verification>;
  corpus?: string;
}) {
  const { data } = of;
  return (
    <li>
      <b>{name}</b>{" "}
      {data === null
        ? "not measured yet."
        : `${data.documents === undefined ? "" : `${count(data.documents)} documents of ${corpus}, `}${count(data.tokens)} tokens, ${data.sae.prependBos ? "BOS included" : "without BOS"}; ${maskName(data.mask)}; GELU ${data.model.activation}; ${data.backend.name}.`}
    </li>
  );
}
