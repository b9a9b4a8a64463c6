// Keeps the comparison up to date while the Compare place is on show: the other SAE or setting of the view, on its text.

import type { OpenCard } from "../lib/openCard.ts";
import type { Comparison, OpenRequest, Precision } from "../lib/report.ts";
import type { WorkerClient } from "../worker/protocol.ts";
import { ASK_BYTES, type Consent, needsConsent } from "./consent.ts";
import type { Slot } from "./loadable.ts";
import { otherRevision, requestOf } from "./requests.ts";
import type { State } from "./store.ts";
import type { View } from "./view.ts";

interface Parts {
  readonly client: WorkerClient;
  readonly consent: Consent;
  readonly slot: Slot<Comparison>;
  readonly getState: () => State;
  /** The reader chose how to keep the other one's weights. */
  readonly chosePrecision: (precision: Precision | null) => void;
  readonly withToken: (asked: OpenRequest) => OpenRequest;
  readonly warn: (text: string) => void;
}

export interface Comparing {
  /** What it rests on has changed: it is old, and made anew where it is on show. */
  readonly refresh: () => void;
  /** Does what a change of the view asks for. */
  readonly follow: (before: View) => void;
}

/** Fields of the view that say what is compared. */
const OTHER = ["otherSae", "otherPrecision", "otherActivation"] as const;

/** The view that would open the other one alone; null where none is chosen. */
export function viewOfOther(view: View): View | null {
  const { otherSae, otherRevision: saeRevision, otherPrecision, otherActivation } = view;
  if (otherSae === null) return null;
  const settings = { precision: otherPrecision, activation: otherActivation };
  return { ...view, sae: otherSae, saeRevision, ...settings };
}

/** The loss of a large model reads all of it: only where the tokens are coloured by it. */
const wantsLoss = (view: View, card: OpenCard): boolean =>
  card.model.embeddingBytes <= ASK_BYTES || view.colour === "ce";

export function createComparing(parts: Parts): Comparing {
  const { client, consent, slot, getState, chosePrecision, withToken, warn } = parts;

  const onShow = (): boolean => {
    const { view, card } = getState();
    return view.place === "compare" && view.otherSae !== null && card.data !== null;
  };

  async function run(): Promise<void> {
    const { view, card } = getState();
    const other = viewOfOther(view);
    if (other === null || card.data === null) return;
    const { text, mask } = view;
    const loss = wantsLoss(view, card.data);
    const outcome = await slot.run(async (options) => {
      let asked = withToken(requestOf(other));
      if (needsConsent(other)) {
        const precision = await consent.ask(other, asked, options);
        if (precision !== other.precision) chosePrecision(precision);
        asked = withToken(requestOf({ ...other, precision }));
      }
      return client.call("compare", [asked, text, { mask, loss }], options);
    });
    const found = outcome.kind === "done" ? outcome.data.sides[1].analysis.sae.revision : null;
    if (found !== null && otherRevision(view.otherRevision, found)) {
      warn("The link was made with another version of the other SAE; its numbers may differ.");
    }
  }

  function refresh(): void {
    slot.expire();
    if (onShow()) void run();
  }

  return {
    refresh,
    follow(before) {
      const { view, card, comparison } = getState();
      if (OTHER.some((field) => view[field] !== before[field])) {
        refresh();
        return;
      }
      const left = before.place === "compare" && view.place !== "compare";
      if (left && comparison.running) slot.expire();
      if (!onShow() || comparison.running) return;
      const lossMissing =
        card.data !== null &&
        wantsLoss(view, card.data) &&
        comparison.data?.sides[0].verification === null;
      const came = before.place !== view.place && (comparison.data === null || comparison.stale);
      if (came || lossMissing) void run();
    },
  };
}
