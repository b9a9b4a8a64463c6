// What the page does with scans of a corpus: runs one, deletes, saves, brings in and adds up those that are kept.

import type { WorkerClient } from "../worker/messages.ts";
import { scan } from "./queries.ts";
import type { Results } from "./results.ts";
import type { Actions } from "./actions.ts";
import type { RunScan, State } from "./store.ts";

interface Parts {
  readonly getState: () => State;
  readonly setState: (patch: Partial<State>) => void;
  readonly setView: Actions["setView"];
  readonly results: Results;
  /** Shows what went wrong. */
  readonly tell: (error: unknown) => void;
}

type ScanActions = Pick<
  Actions,
  "runScan" | "stopScan" | "deleteScan" | "exportScan" | "importScan" | "mergeScans"
>;

export function scanActions(client: WorkerClient, parts: Parts): ScanActions {
  const { getState, setState, setView, results, tell } = parts;
  let runs = 0;

  /** There are others than before: what is told of them is asked for anew. */
  const changed = (): void => setState({ scansChanged: getState().scansChanged + 1 });

  async function run(asked: RunScan): Promise<void> {
    setState({ scan: asked });
    const { on } = getState();
    try {
      const { id } = await results.request(scan, asked);
      if (getState().scan === asked) setState({ scan: null });
      if (getState().on === on) setView({ scan: id }, "replace");
    } catch {
      // The panel of the run tells of it; what was stopped goes on when it is asked for again.
    } finally {
      changed();
    }
  }

  async function show(made: Promise<string>): Promise<void> {
    try {
      const id = await made;
      changed();
      setView({ scan: id });
    } catch (error) {
      tell(error);
    }
  }

  async function remove(id: string): Promise<void> {
    try {
      await client.call("deleteScan", [id]);
    } catch (error) {
      tell(error);
    }
    setState({ scan: null });
    changed();
    if (getState().view.scan === id) setView({ scan: null });
  }

  return {
    runScan: (request) => void run({ run: ++runs, request }),
    stopScan: () => results.stop(scan, getState().scan),
    deleteScan(id) {
      void remove(id);
    },
    async exportScan(id) {
      try {
        return await client.call("exportScan", [id]);
      } catch (error) {
        tell(error);
        return null;
      }
    },
    importScan: (file) => void show(client.call("importScan", [file])),
    mergeScans: (first, second) => void show(client.call("mergeScans", [first, second])),
  };
}
