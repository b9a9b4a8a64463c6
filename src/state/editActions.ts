// Running the view's edits: what they change on the text, what an SAE behind them reads, and the text continued with
// them. Without any that is on, what a pinned token's next tokens are.

import type { Edit } from "../lib/edits.ts";
import { FacetError } from "../lib/errors.ts";
import type { Attribution, Downstream, Generation, Intervention } from "../lib/interventions.ts";
import type { OpenRequest } from "../lib/report.ts";
import type { CallOptions, WorkerClient } from "../worker/protocol.ts";
import { ASK_BYTES, type Consent, needsConsent } from "./consent.ts";
import { chosenDownstream } from "./downstreamChoice.ts";
import { editsOn } from "./editList.ts";
import type { Slot } from "./loadable.ts";
import { requestOf } from "./requests.ts";
import type { Actions, State } from "./store.ts";

/** Random directions that every edit on the page is compared with, and their seed. */
export const CONTROLS = 20;
export const SEED = 1;

export const EDITS_LEFT = "Your edits were of the other SAE's features; they were left behind.";

interface Slots {
  readonly intervention: Slot<Intervention>;
  readonly downstream: Slot<Downstream>;
  readonly attribution: Slot<Attribution>;
  readonly generation: Slot<Generation>;
}

interface Parts {
  readonly client: WorkerClient;
  readonly consent: Consent;
  readonly getState: () => State;
  readonly slots: () => Slots;
  readonly withToken: (asked: OpenRequest) => OpenRequest;
  /** The view's choice of an SAE downstream is given up for the page's own. */
  readonly leaveReader: () => void;
}

interface EditActions {
  /** Asks the reader where an SAE that is to be read with would have to be downloaded; rejects where they decline. */
  agreeTo(sae: string, options: CallOptions): Promise<void>;
  /** Runs the edits that are on, at the pinned token or the last one. */
  run(): void;
  /** The view's text is analysed: how many tokens it has is known. */
  analysed(): void;
  /** All that was run is of another text. */
  expire(): void;
  editsChanged(): void;
  tokenChanged(): void;
  readerChanged(): void;
  placeChanged(): void;
  readonly actions: Pick<
    Actions,
    "attribute" | "generate" | "predict" | "readDownstream" | "stopGenerating"
  >;
}

export function editActions(parts: Parts): EditActions {
  const { client, consent, getState, slots, withToken, leaveReader } = parts;
  const edits = (): Edit[] => editsOn(getState().view.edits);

  /** Tokens of the view's text, once it is analysed. */
  const tokens = (): number | null => {
    const { data, stale, running } = getState().analysis;
    return data === null || stale || running ? null : data.tokens.length;
  };

  /** The pinned token; null, which is the last one, where none is pinned or the text has no such. */
  function pinned(): number | null {
    const { token } = getState().view;
    const known = tokens();
    return token !== null && known !== null && token >= known ? null : token;
  }

  function predict(): void {
    const { text, mask } = getState().view;
    const on = edits();
    const how = { mask, controls: on.length > 0 ? CONTROLS : 0, seed: SEED, position: pinned() };
    void slots().intervention.run((options) => client.call("intervene", [text, on, how], options));
  }

  /** Next tokens read the whole model: of a large one only where edits ask for them, or the reader does. */
  function predictUnasked(): void {
    const { data } = getState().card;
    if (data === null) return;
    const small = data.model.embeddingBytes <= ASK_BYTES;
    if (edits().length > 0 || (small && pinned() !== null && tokens() !== null)) predict();
    else slots().intervention.clear();
  }

  async function agreeTo(sae: string, options: CallOptions): Promise<void> {
    const { view, card } = getState();
    const reader = { ...view, sae, saeRevision: null };
    const open = sae === view.sae && !card.running;
    if (open || !needsConsent(reader)) return;
    // The model's weights are the open ones, in the precision that they are in.
    await consent.ask(reader, withToken(requestOf(reader)), options);
  }

  function readDownstream(): void {
    const { view, card } = getState();
    // While another is being opened, or asked about, the view's SAE is not the open one; then it runs anew.
    if (card.data === null || card.running) return;
    const on = edits();
    if (on.length === 0) {
      slots().downstream.clear();
      return;
    }
    // One SAE at a time stands beside the open one, and there it is the one compared.
    if (view.place === "compare") return;
    const sae = chosenDownstream(getState());
    void slots()
      .downstream.run(async (options) => {
        await agreeTo(sae, options);
        return client.call("downstream", [view.text, on, { sae }], options);
      })
      .then((outcome) => {
        // Nothing else stops it: the reader does not want that SAE, and is not asked again with the next letter typed.
        if (outcome.kind === "failed" && wasCancelled(outcome.error)) leaveReader();
      });
  }

  function run(): void {
    predictUnasked();
    readDownstream();
  }

  return {
    agreeTo,
    run,
    analysed() {
      const { token } = getState().view;
      // With edits it runs already, at a token that turns out not to be there.
      if (edits().length === 0 || pinned() !== token) predictUnasked();
    },
    expire() {
      const { intervention, downstream, attribution, generation } = slots();
      for (const slot of [intervention, downstream, attribution, generation]) slot.expire();
    },
    editsChanged() {
      slots().intervention.expire();
      slots().downstream.expire();
      slots().generation.expire();
      run();
    },
    tokenChanged() {
      slots().attribution.expire();
      predictUnasked();
    },
    readerChanged() {
      slots().downstream.expire();
      readDownstream();
    },
    placeChanged() {
      const { data, stale, running } = getState().downstream;
      if (!running && (data === null || stale)) readDownstream();
    },
    actions: {
      predict,
      readDownstream,
      attribute(target) {
        const { text } = getState().view;
        const asked = { position: pinned(), target: target ?? null };
        void slots().attribution.run((options) => client.call("attribute", [text, asked], options));
      },
      generate(how) {
        const { text } = getState().view;
        const on = edits();
        void slots().generation.run((options) =>
          client.call("generate", [text, { ...how, edits: on }], options),
        );
      },
      stopGenerating: () => slots().generation.stop(),
    },
  };
}

const wasCancelled = (error: unknown): boolean =>
  error instanceof FacetError && error.code === "Cancelled";
