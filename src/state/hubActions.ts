// What the reader does with places to open models from (hubs, folders from disk), and with what is kept of them.

import type { WorkerClient } from "../worker/messages.ts";
import { stored } from "./queries.ts";
import type { Results } from "./results.ts";
import type { Actions } from "./actions.ts";
import type { LocalFolder, State } from "./store.ts";

interface Effects {
  readonly getState: () => State;
  readonly results: Results;
  readonly setView: Actions["setView"];
  readonly reopen: () => void;
  /** Shows what went wrong. */
  readonly tell: (error: unknown) => void;
}

export function hubActions(
  client: WorkerClient,
  { getState, results, setView, reopen, tell }: Effects,
): Pick<Actions, "openSources" | "deleteStored"> {
  const keyOf = async (source: string | LocalFolder): Promise<string> =>
    typeof source === "string"
      ? source
      : client.call("addFolder", [source.name, [...source.files]]);

  return {
    openSources({ model, sae, endpoint, precision }) {
      Promise.all([keyOf(model), keyOf(sae)]).then(([modelKey, saeKey]) => {
        setView({ model: modelKey, sae: saeKey, endpoint, precision });
        // Nothing is open, and the view asks for nothing new: it failed before.
        const { card } = getState();
        if (card.data === null && !card.running) reopen();
      }, tell);
    },
    async deleteStored(id) {
      await client.call("deleteStored", [id]).catch(tell);
      await results.request(stored).catch(tell);
    },
  };
}
