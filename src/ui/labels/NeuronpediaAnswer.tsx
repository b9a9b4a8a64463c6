// What Neuronpedia says of a feature, where the reader has switched it on; asks for it when the feature is shown.

import { useEffect } from "react";
import { useActions, useApp } from "../shared/app.ts";
import { Hostile } from "../shared/Piece.tsx";

/** Milliseconds that a feature stays before it is asked about: walking past a hundred asks for none of them. */
const STAYS = 400;

export function NeuronpediaAnswer({ index }: { index: number }) {
  const actions = useActions();
  const id = useApp((state) => state.card.data?.sae.neuronpediaId ?? null);
  const on = useApp((state) => state.labels.asksNeuronpedia);
  const answer = useApp((state) => state.labels.neuronpedia[index]);
  useEffect(() => {
    if (!on || id === null) return undefined;
    const timer = setTimeout(() => actions.loadNeuronpediaLabel(index), STAYS);
    return () => clearTimeout(timer);
  }, [on, id, index, actions]);
  if (id === null) return null;
  return (
    <div className="caption" data-testid="neuronpedia">
      <label className="field">
        <input
          type="checkbox"
          checked={on}
          data-testid="neuronpedia-switch"
          onChange={(event) => actions.askNeuronpedia(event.target.checked)}
        />
        <span>ask Neuronpedia for labels</span>
      </label>
      {!on
        ? `Sends www.neuronpedia.org the number of the feature on show (${id}/${index}), and nothing else.`
        : answer === undefined || answer.kind === "asked"
          ? "Asking…"
          : answer.kind === "none"
            ? "Neuronpedia has no label for it."
            : answer.kind === "failed"
              ? answer.error.message
              : null}
      {on && answer?.kind === "found" && (
        <>
          Neuronpedia: <Hostile text={answer.label.text} />
          {answer.label.author !== null && (
            <>
              {" "}
              (<Hostile text={answer.label.author} />)
            </>
          )}
        </>
      )}
    </div>
  );
}
