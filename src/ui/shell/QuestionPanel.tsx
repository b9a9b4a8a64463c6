// What opening waits for the reader to answer: an unknown hub, or a large download. It stands where its result will,
// and covers nothing.

import type { OpenPlan } from "../../lib/openCard.ts";
import { useActions, useApp } from "../shared/app.ts";
import { bytes, count } from "../shared/format.ts";
import { Hostile } from "../shared/Piece.tsx";

export function QuestionPanel() {
  const actions = useActions();
  const question = useApp((state) => state.question);
  if (question === null) return null;
  return (
    <section
      className="question"
      aria-label="Before opening"
      data-testid="question"
      data-kind={question.kind}
    >
      {question.kind === "endpoint" ? (
        <Endpoint endpoint={question.endpoint} />
      ) : (
        <Download plan={question.plan} />
      )}
      <div className="error-actions">
        <button
          type="button"
          className="button"
          data-testid="go-ahead"
          onClick={() => actions.goAhead()}
        >
          {question.kind === "endpoint" ? "Use this hub" : "Download and open"}
        </button>
        <button
          type="button"
          className="button button-quiet"
          data-testid="decline"
          onClick={() => actions.cancelOpen()}
        >
          Not now
        </button>
      </div>
    </section>
  );
}

function Endpoint({ endpoint }: { endpoint: string }) {
  return (
    <>
      <h2>This link reads from a hub that was not used here before</h2>
      <p>
        <strong>
          <Hostile text={endpoint} />
        </strong>
      </p>
      <p>
        The names of the model and the SAE would be sent there; your text and your access tokens are
        not. Go on only if you trust who gave you the link.
      </p>
    </>
  );
}

function Download({ plan }: { plan: OpenPlan }) {
  const { model, sae } = plan;
  return (
    <>
      <h2>
        Opening <Hostile text={model.name} /> reads {bytes(plan.bytes)}
      </h2>
      <p>
        The tokenizer, the blocks up to <Hostile text={sae.hook} /> in{" "}
        <Hostile text={plan.fileFormat} />, and the SAE of {count(sae.dSae)} features. What was read
        before is not read again.
      </p>
      <p>
        The first Verify or logit lens reads {bytes(plan.lossBytes)} more: the other blocks and the
        whole embedding.
      </p>
      <p className="caption">
        <Hostile text={`${model.source} @ ${model.revision.slice(0, 10)}`} /> ·{" "}
        <Hostile text={`${sae.source}/${sae.folder} @ ${sae.revision.slice(0, 10)}`} />
      </p>
    </>
  );
}
