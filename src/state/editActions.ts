// Running the view's edits: what they change on the text, and the text continued with them.

import type { WorkerClient } from "../worker/protocol.ts";
import { editsOn } from "./editList.ts";
import type { Slot } from "./loadable.ts";
import type { Actions, State } from "./store.ts";
import type { Attribution, Generation, Intervention } from "../lib/interventions.ts";

/** Random directions that every edit on the page is compared with, and their seed. */
const CONTROLS = 20;
const SEED = 1;

export const EDITS_LEFT = "Your edits were of the other SAE's features; they were left behind.";

interface Slots {
  readonly intervention: Slot<Intervention>;
  readonly attribution: Slot<Attribution>;
  readonly generation: Slot<Generation>;
}

interface EditActions {
  /** Runs the edits that are on, at the pinned token or the last one. */
  intervene(): void;
  /** All that was run is of another text. */
  expire(): void;
  editsChanged(): void;
  tokenChanged(): void;
  readonly actions: Pick<Actions, "attribute" | "generate" | "stopGenerating">;
}

export function editActions(
  client: WorkerClient,
  getState: () => State,
  slots: () => Slots,
): EditActions {
  function intervene(): void {
    const { view, card } = getState();
    const edits = editsOn(view.edits);
    if (card.data === null) return;
    if (edits.length === 0) {
      slots().intervention.clear();
      return;
    }
    const how = { mask: view.mask, controls: CONTROLS, seed: SEED, position: view.token };
    void slots().intervention.run((options) =>
      client.call("intervene", [view.text, edits, how], options),
    );
  }

  return {
    intervene,
    expire() {
      const { intervention, attribution, generation } = slots();
      for (const slot of [intervention, attribution, generation]) slot.expire();
    },
    editsChanged() {
      slots().intervention.expire();
      slots().generation.expire();
      intervene();
    },
    tokenChanged() {
      slots().attribution.expire();
      if (getState().view.edits.length > 0) intervene();
    },
    actions: {
      attribute() {
        const { text, token } = getState().view;
        const asked = { position: token, target: null };
        void slots().attribution.run((options) => client.call("attribute", [text, asked], options));
      },
      generate(how) {
        const { text, edits } = getState().view;
        void slots().generation.run((options) =>
          client.call("generate", [text, { ...how, edits: editsOn(edits) }], options),
        );
      },
      stopGenerating: () => slots().generation.stop(),
    },
  };
}
