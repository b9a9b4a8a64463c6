// What the reader does with places to open models from (hubs, folders from disk), and with what is kept of them.

import type { WorkerClient } from "../worker/protocol.ts";
import type { Actions, LocalFolder, State } from "./store.ts";

interface Effects {
  readonly getState: () => State;
  readonly setState: (patch: Partial<Pick<State, "stored" | "refused">>) => void;
  readonly setView: Actions["setView"];
  readonly reopen: () => void;
  /** Shows what went wrong. */
  readonly tell: (error: unknown) => void;
}

export function hubActions(
  client: WorkerClient,
  { getState, setState, setView, reopen, tell }: Effects,
): Pick<Actions, "openSources" | "loadStored" | "deleteStored"> {
  const list = async (): Promise<void> =>
    setState({ stored: (await client.call("stored", [])) ?? "unavailable" });

  const keyOf = async (source: string | LocalFolder): Promise<string> =>
    typeof source === "string"
      ? source
      : client.call("addFolder", [source.name, [...source.files]]);

  const openSources: Actions["openSources"] = ({ model, sae, endpoint, precision }) => {
    Promise.all([keyOf(model), keyOf(sae)]).then(([modelKey, saeKey]) => {
      setState({ refused: null });
      setView({ model: modelKey, sae: saeKey, endpoint, precision });
      // Nothing is open, and the view asks for nothing new: it failed before.
      const { card } = getState();
      if (card.data === null && !card.running) reopen();
    }, tell);
  };

  return {
    openSources,
    loadStored: () => void list().catch(tell),
    deleteStored: (id) => void client.call("deleteStored", [id]).catch(tell).then(list).catch(tell),
  };
}
