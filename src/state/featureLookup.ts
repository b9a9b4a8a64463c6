// Which feature's report is on show or on its way, and whether it comes with its logit lens: that of a large model reads
// a gigabyte, so it waits until the reader asks.

import type { FeatureFacts } from "../lib/report.ts";
import type { CallOptions, WorkerClient } from "../worker/protocol.ts";
import { Ahead } from "./ahead.ts";
import { ASK_BYTES } from "./consent.ts";
import type { Slot } from "./loadable.ts";
import type { State } from "./store.ts";

export interface FeatureLookup {
  /** Once for each feature, unless the last attempt failed or its result is stale. */
  readonly load: (index: number) => void;
  /** Asks for a feature that may be opened next. */
  readonly prepare: (index: number) => void;
  readonly loadLens: () => void;
  /** Something else is open. */
  readonly opened: () => void;
}

export function featureLookup(
  client: WorkerClient,
  getState: () => State,
  slot: () => Slot<FeatureFacts>,
): FeatureLookup {
  const ahead = new Ahead<FeatureFacts>();
  let wanted: number | null = null;
  /** The revision of the model whose unembedding the reader asked for. */
  let lensOf: string | null = null;

  function method(): "feature" | "featureFacts" {
    const { card } = getState();
    const small = (card.data?.model.embeddingBytes ?? 0) <= ASK_BYTES;
    const asked = lensOf !== null && card.data?.provenance.model.revision === lensOf;
    return small || asked ? "feature" : "featureFacts";
  }
  const keyOf = (index: number): string => `${method()} ${index}`;
  const ask = (index: number, options?: CallOptions): Promise<FeatureFacts> =>
    client.call(method(), [index], options);

  function load(index: number): void {
    const { feature } = getState();
    const known = feature.running || (feature.data !== null && !feature.stale);
    if (wanted === index && known) return;
    wanted = index;
    void slot().run((options) => ahead.take(keyOf(index), () => ask(index, options)));
  }

  return {
    load,
    prepare: (index) => ahead.prepare(keyOf(index), () => ask(index)),
    loadLens() {
      const { card, feature } = getState();
      lensOf = card.data?.provenance.model.revision ?? null;
      slot().expire();
      if (feature.data) load(feature.data.index);
    },
    opened() {
      ahead.clear();
      slot().expire();
    },
  };
}
