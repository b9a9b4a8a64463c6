// What opening waits for the reader to answer: an unknown hub, or a large download. It stands where its result will,
// and covers nothing.

import { useEffect, useRef, useState } from "react";
import type { Reads } from "../../jobs/calls.ts";
import type { OpenPlan } from "../../lib/openCard.ts";
import type { Precision } from "../../lib/report.ts";
import type { Question } from "../../state/store.ts";
import { useActions, useApp } from "../shared/app.ts";
import { bytes, count } from "../shared/format.ts";
import { Hostile } from "../shared/Piece.tsx";
import { PrecisionChoice } from "./PrecisionChoice.tsx";

export function QuestionPanel() {
  const question = useApp((state) => state.question);
  // Another question starts anew, with its own choice.
  return question === null ? null : <Asking key={question.kind} question={question} />;
}

function Asking({ question }: { question: Question }) {
  const actions = useActions();
  const asked = useApp((state) => state.view.precision);
  const [precision, setPrecision] = useState(asked);
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    // Whoever waits for it is taken there; whoever writes a text is not.
    if (!document.activeElement?.matches("textarea, input")) section.current?.focus();
  }, []);
  return (
    <section
      ref={section}
      tabIndex={-1}
      className="question"
      aria-label="Before opening"
      data-testid="question"
      data-kind={question.kind}
    >
      {question.kind === "endpoint" && <Endpoint endpoint={question.endpoint} />}
      {question.kind === "reads" && <Reading bytes={question.bytes} reads={question.reads} />}
      {question.kind === "download" && (
        <Download plan={question.plan} precision={precision} onPrecision={setPrecision} />
      )}
      <div className="error-actions">
        <button
          type="button"
          className="button button-strong"
          data-testid="go-ahead"
          onClick={() => actions.goAhead(precision)}
        >
          {GO_AHEAD[question.kind]}
        </button>
        <button
          type="button"
          className="button button-quiet"
          data-testid="decline"
          onClick={() => actions.decline()}
        >
          Not now
        </button>
      </div>
    </section>
  );
}

const GO_AHEAD: Record<Question["kind"], string> = {
  endpoint: "Use this hub",
  download: "Download and open",
  reads: "Read it",
};

function Reading({ bytes: size, reads }: { bytes: number; reads: Reads }) {
  return (
    <>
      <h2>This reads {bytes(size)}</h2>
      <p>
        {reads === "lens"
          ? "A feature\u2019s positive and negative logits are read through the whole embedding."
          : "Losses and next tokens take the blocks behind the SAE and the whole embedding."}{" "}
        None of it was needed until now. What is read is kept in this browser and not read again.
      </p>
    </>
  );
}

function Endpoint({ endpoint }: { endpoint: string }) {
  return (
    <>
      <h2>
        Read from <Hostile text={URL.parse(endpoint)?.host ?? endpoint} />?
      </h2>
      <p>
        This hub was not used in this browser before:{" "}
        <strong>
          <Hostile text={endpoint} />
        </strong>
      </p>
      <p>
        It would see which model and SAE are opened. It does not see your text, nor a token that was
        entered for another hub. If a link brought you here, go on only if you trust who made it.
      </p>
    </>
  );
}

interface DownloadProps {
  readonly plan: OpenPlan;
  readonly precision: Precision | null;
  readonly onPrecision: (precision: Precision | null) => void;
}

function Download({ plan, precision, onPrecision }: DownloadProps) {
  const { model, sae } = plan;
  return (
    <>
      <h2>
        Opening <Hostile text={model.name} /> reads {bytes(plan.bytes)}
      </h2>
      <p>
        For the features of a text: the tokenizer, the blocks up to <Hostile text={sae.hook} /> in{" "}
        <Hostile text={plan.fileFormat} />, and the SAE of {count(sae.dSae)} features. The first
        Verify or logit lens reads {bytes(plan.lossBytes)} more: the other blocks and the whole
        embedding.
      </p>
      <p>
        What is read is kept in this browser and not read again. It can be cancelled at any time,
        and goes on from there.
      </p>
      <PrecisionChoice memory={plan.memory} value={precision} onChange={onPrecision} />
      <p className="caption">
        <Hostile text={`${model.source} @ ${model.revision.slice(0, 10)}`} /> ·{" "}
        <Hostile text={`${sae.source}/${sae.folder} @ ${sae.revision.slice(0, 10)}`} />
      </p>
    </>
  );
}
