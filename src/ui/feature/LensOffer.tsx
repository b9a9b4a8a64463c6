// Stands where a logit lens would: what it costs to read the unembedding of a large model, and the button that does.

import { useActions, useApp } from "../shared/app.ts";
import { bytes } from "../shared/format.ts";

export function LensOffer() {
  const actions = useActions();
  const size = useApp((state) => state.card.data?.model.embeddingBytes ?? 0);
  return (
    <div className="note" data-testid="lens-offer">
      <p>
        This feature&rsquo;s positive and negative logits are read through the model&rsquo;s
        unembedding, {bytes(size)} that were not needed until now.
      </p>
      <button type="button" className="button" onClick={() => actions.loadLens()}>
        Read the unembedding
      </button>
    </div>
  );
}
