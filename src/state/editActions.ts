// Running the view's edits: what they change on the text, and the text continued with them.

import type { WorkerClient } from "../worker/protocol.ts";
import { editsOn } from "./editList.ts";
import type { Slot } from "./loadable.ts";
import type { Actions, State } from "./store.ts";
import type { Generation, Intervention } from "../lib/report.ts";

/** Random directions that every edit on the page is compared with, and their seed. */
const CONTROLS = 20;
const SEED = 1;

export const EDITS_LEFT = "Your edits were of the other SAE's features; they were left behind.";

interface Slots {
  readonly intervention: Slot<Intervention>;
  readonly generation: Slot<Generation>;
}

interface EditActions {
  /** Runs the edits that are on, at the pinned token or the last one. */
  intervene(): void;
  /** What was run is of another text or other edits. */
  expire(): void;
  readonly actions: Pick<Actions, "generate" | "stopGenerating">;
}

export function editActions(
  client: WorkerClient,
  getState: () => State,
  slots: () => Slots,
): EditActions {
  return {
    intervene() {
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
    },
    expire() {
      slots().intervention.expire();
      slots().generation.expire();
    },
    actions: {
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
