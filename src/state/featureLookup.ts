// Which feature's report is on show or on its way, and whether it comes with its logit lens: that of a large model reads
// a gigabyte, so it waits until the reader asks.

import type { FeatureFacts } from "../lib/report.ts";
import type { WorkerClient } from "../worker/protocol.ts";
import { ASK_BYTES } from "./consent.ts";
import type { Slot } from "./loadable.ts";
import type { State } from "./store.ts";

export interface FeatureLookup {
  /** Once for each feature, unless the last attempt failed or its result is stale. */
  readonly load: (index: number) => void;
  readonly loadLens: () => void;
}

export function featureLookup(
  client: WorkerClient,
  getState: () => State,
  slot: () => Slot<FeatureFacts>,
): FeatureLookup {
  let wanted: number | null = null;
  /** The revision of the model whose unembedding the reader asked for. */
  let lensOf: string | null = null;

  function load(index: number): void {
    const { card, feature } = getState();
    const known = feature.running || (feature.data !== null && !feature.stale);
    if (wanted === index && known) return;
    wanted = index;
    const small = (card.data?.model.embeddingBytes ?? 0) <= ASK_BYTES;
    const asked = lensOf !== null && card.data?.provenance.model.revision === lensOf;
    const method = small || asked ? "feature" : "featureFacts";
    void slot().run((options) => client.call(method, [index], options));
  }

  return {
    load,
    loadLens() {
      const { card, feature } = getState();
      lensOf = card.data?.provenance.model.revision ?? null;
      slot().expire();
      if (feature.data) load(feature.data.index);
    },
  };
}
