// What Neuronpedia says of a feature, where the reader has switched it on; asks for it when the feature is shown.

import { useEffect, useState } from "react";
import { useActions, useApp } from "../shared/app.ts";
import { Hostile } from "../shared/Piece.tsx";
import { useResult } from "../shared/result.ts";
import { neuronpediaLabel } from "../../state/queries.ts";

/** Milliseconds that a feature stays before it is asked about: walking past a hundred asks for none of them. */
const STAYS = 400;

export function NeuronpediaAnswer({ index }: { index: number }) {
  const actions = useActions();
  const id = useApp((state) => state.card.data?.sae.neuronpediaId ?? null);
  const on = useApp((state) => state.labels.asksNeuronpedia);
  const [stayed, setStayed] = useState<number | null>(null);
  const { data, running, error } = useResult(neuronpediaLabel, stayed === index ? index : null);
  useEffect(() => {
    const timer = setTimeout(() => setStayed(index), STAYS);
    return () => clearTimeout(timer);
  }, [index]);
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
        : error !== null
          ? error.message
          : running || stayed !== index
            ? "Asking…"
            : data === null
              ? "Neuronpedia has no label for it."
              : null}
      {on && data !== null && !running && (
        <>
          Neuronpedia: <Hostile text={data.text} />
          {data.author !== null && (
            <>
              {" "}
              (<Hostile text={data.author} />)
            </>
          )}
        </>
      )}
    </div>
  );
}
