// The engine as a browser's worker has it: over what ships with the page, folders from disk and hubs.

import { openBundle } from "../hub/bundle.ts";
import { browserCache } from "../hub/cache/browserCache.ts";
import type { CacheEntry } from "../hub/cache/hubCache.ts";
import type { OpfsPlace } from "../hub/cache/opfsStore.ts";
import type { CacheStore } from "../hub/cache/store.ts";
import { parseEndpoint, Tokens } from "../hub/endpoint.ts";
import { blobSource, type LocalFile } from "../hub/localTree.ts";
import { neuronpediaLabel, type NeuronpediaLabel } from "../hub/neuronpedia.ts";
import { beginSignIn, finishSignIn, parsePending, type PendingSignIn } from "../hub/signIn.ts";
import { FacetError } from "../lib/errors.ts";
import { once } from "../lib/once.ts";
import type { JobOptions } from "../lib/progress.ts";
import { SCAN_VERSION } from "../scan/settings.ts";
import { allLibraries } from "./allLibraries.ts";
import { backendsHere } from "./backends.ts";
import { bundledLibrary } from "./bundledLibrary.ts";
import { Engine } from "./engine.ts";
import { HubLibrary } from "./hubLibrary.ts";
import { LocalLibrary } from "./localLibrary.ts";
import { MEASURED_PLACE, MeasuredChoices } from "./measuredChoices.ts";
import { ScanStore } from "./scanStore.ts";

export interface BrowserEngine {
  readonly engine: Engine;
  /** Makes a folder from disk known; the key to open it by. */
  addFolder(name: string, files: readonly LocalFile[]): string;
  /** Keeps a scan that was exported; its id. */
  importScan(file: LocalFile): Promise<string>;
  /** What is kept of hubs' repos; null where the browser offers no storage. */
  stored(): Promise<CacheEntry[] | null>;
  deleteStored(id: string): Promise<void>;
  /** The first explanation that Neuronpedia has of a feature. */
  neuronpediaLabel(
    id: string,
    index: number,
    options: JobOptions,
  ): Promise<NeuronpediaLabel | null>;
  forgetToken(endpoint: string): void;
  beginSignIn(request: SignIn): Promise<{ url: string; pending: PendingSignIn }>;
  /** The account's token. @param pending what `beginSignIn` gave, as it came back from the page's storage. */
  finishSignIn(pending: unknown, address: string): Promise<string>;
}

interface SignIn {
  readonly endpoint: string;
  readonly clientId: string;
  readonly redirectUrl: string;
}

/** @param base address of the page, with a slash at its end. */
export function createBrowserEngine(base: string, onNotice: (text: string) => void): BrowserEngine {
  const local = new LocalLibrary();
  const tokens = new Tokens();
  const cache = browserCache((error) => onNotice(error.message));
  const bundled = bundledLibrary((options) => openBundle(new URL("demo/", base), options));
  const hub = new HubLibrary({ tokens, cache });
  const engine = new Engine({
    library: allLibraries(bundled, local, hub),
    backends: backendsHere(new URL("assets/tfjs/", base).href, browserMeasured()),
    onNotice,
    scans: { store: browserScans(), openDataset: hub.dataset },
  });
  return {
    engine,
    importScan: ({ path, file }) => engine.scans.import(blobSource(path, file)),
    addFolder: (name, files) => local.add(name, files),
    stored: async () => (await (await cache())?.list()) ?? null,
    deleteStored: async (id) => (await cache())?.remove(id),
    neuronpediaLabel: (id, index, { signal }) => neuronpediaLabel(id, index, signal),
    forgetToken: (endpoint) => tokens.forget(parseEndpoint(endpoint)),
    beginSignIn: ({ endpoint, ...app }) => beginSignIn(parseEndpoint(endpoint), app),
    async finishSignIn(kept, address) {
      const pending = parsePending(kept);
      if (pending) return finishSignIn(pending, address);
      throw new FacetError(
        "BadToken",
        "Signing in: the hub sent you back, but this page did not send you there. Start again from the page.",
      );
    },
  };
}

/** Beside what is kept of repos. */
const SCANS_PLACE = { name: "facet-scans", layout: SCAN_VERSION };

/** null where the browser has no storage for this page. */
async function openStore(place: OpfsPlace): Promise<CacheStore | null> {
  const { openOpfsStore } = await import("../hub/cache/opfsStore.ts");
  return openOpfsStore(place);
}

/** Opened when it is first asked for. */
const browserScans = (): (() => Promise<ScanStore | null>) =>
  once("opening the browser's storage of scans", async () => {
    const store = await openStore(SCANS_PLACE);
    return store && new ScanStore(store);
  });

/** Opened when it is first asked for. A storage that fails is as good as none. */
function browserMeasured(): () => Promise<MeasuredChoices> {
  const { userAgent } = navigator;
  const opened = once("opening the browser's storage of measured choices", async () =>
    MeasuredChoices.open(userAgent, await openStore(MEASURED_PLACE)),
  );
  return () => opened().catch(() => MeasuredChoices.open(userAgent, null));
}
