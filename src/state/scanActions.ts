// What the page does with scans of a corpus: reads what one says of all features and of one, runs one, lists and deletes
// those that are kept.

import type { ScanRequest, ScanSummary } from "../lib/scan.ts";
import type { CallOptions, WorkerClient } from "../worker/protocol.ts";
import { Ahead } from "./ahead.ts";
import type { Slot } from "./loadable.ts";
import type { Actions, CoFiring, Found, ScannedFeature, State } from "./store.ts";

interface Parts {
  readonly getState: () => State;
  readonly setState: (patch: Partial<Pick<State, "scans" | "shownScan" | "scanAsked">>) => void;
  readonly slots: () => {
    readonly scanSummary: Slot<Found<ScanSummary>>;
    readonly featureScan: Slot<ScannedFeature>;
    readonly coFiring: Slot<CoFiring>;
    readonly scanRun: Slot<ScanSummary>;
  };
  /** The reader's access token for a hub; null where there is none. */
  readonly token: (endpoint: string | null) => string | null;
  /** Shows what went wrong. */
  readonly tell: (error: unknown) => void;
}

export interface ScanPart {
  /** Another model or SAE is open. */
  readonly opened: () => void;
  readonly prepare: (index: number) => void;
  readonly actions: Pick<
    Actions,
    | "loadScanSummary"
    | "loadFeatureScan"
    | "loadCoFiring"
    | "runScan"
    | "stopScan"
    | "loadScans"
    | "deleteScan"
    | "showScan"
    | "exportScan"
    | "importScan"
    | "mergeScans"
  >;
}

export function scanActions(
  client: WorkerClient,
  { getState, setState, slots, token, tell }: Parts,
): ScanPart {
  const ahead = new Ahead<ScannedFeature>();

  async function scanned(index: number, options?: CallOptions): Promise<ScannedFeature> {
    const id = getState().shownScan;
    return { index, found: await client.call("featureScan", [index, id], options) };
  }

  /** What was read of a scan is of an older one. */
  function expire(): void {
    ahead.clear();
    slots().scanSummary.expire();
    slots().featureScan.expire();
    slots().coFiring.expire();
  }

  async function loadScans(): Promise<void> {
    try {
      setState({ scans: await client.call("scans", []) });
    } catch (error) {
      tell(error);
    }
  }

  /** The token stays out of the state, as it stays out of what is kept. */
  function withToken(request: ScanRequest): ScanRequest {
    const { corpus } = request;
    const own = corpus.kind === "dataset" ? token(corpus.endpoint ?? null) : null;
    return corpus.kind === "dataset" && own !== null
      ? { ...request, corpus: { ...corpus, token: own } }
      : request;
  }

  async function run(request: ScanRequest): Promise<void> {
    setState({ scanAsked: request });
    const outcome = await slots().scanRun.run((options) =>
      client.call("scan", [withToken(request)], options),
    );
    if (outcome.kind === "replaced") return;
    if (outcome.kind === "done") setState({ scanAsked: null });
    expire();
    await loadScans();
  }

  async function remove(id: string): Promise<void> {
    try {
      await client.call("deleteScan", [id]);
    } catch (error) {
      tell(error);
    }
    if (getState().shownScan === id) setState({ shownScan: null });
    setState({ scanAsked: null });
    expire();
    await loadScans();
  }

  async function show(made: Promise<string>): Promise<void> {
    try {
      setState({ shownScan: await made });
      expire();
    } catch (error) {
      tell(error);
    }
    await loadScans();
  }

  return {
    opened() {
      setState({ shownScan: null });
      expire();
      if (getState().scans !== null) void loadScans();
    },
    prepare: (index) => ahead.prepare(String(index), () => scanned(index)),
    actions: {
      loadScanSummary() {
        void slots().scanSummary.run(async (options) => ({
          found: await client.call("scanSummary", [getState().shownScan], options),
        }));
      },
      loadFeatureScan(index) {
        void slots().featureScan.run((options) =>
          ahead.take(String(index), () => scanned(index, options)),
        );
      },
      loadCoFiring(index, others) {
        void slots().coFiring.run(async (options) => {
          const { shownScan } = getState();
          const shares = await client.call("coFiring", [index, [...others], shownScan], options);
          return { index, shares: new Map(others.map((other, i) => [other, shares[i] ?? null])) };
        });
      },
      runScan: (request) => void run(request),
      stopScan: () => slots().scanRun.stop(),
      loadScans: () => void loadScans(),
      deleteScan: (id) => void remove(id),
      showScan(id) {
        setState({ shownScan: id });
        expire();
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
    },
  };
}
