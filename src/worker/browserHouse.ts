// What jobs work with in a browser's worker: the engine over what ships with the page, folders from disk and hubs, and
// what only a browser keeps.

import { openBundle } from "../hub/bundle.ts";
import { browserCache } from "../hub/cache/browserCache.ts";
import type { OpfsPlace } from "../hub/cache/store.ts";
import type { CacheStore } from "../hub/cache/store.ts";
import { parseEndpoint, Tokens } from "../hub/endpoint.ts";
import { neuronpediaLabel } from "../hub/neuronpedia.ts";
import { beginSignIn, finishSignIn, parsePending } from "../hub/signIn.ts";
import { FacetError } from "../lib/errors.ts";
import { once } from "../lib/once.ts";
import type { Host } from "../jobs/host.ts";
import type { House } from "../jobs/job.ts";
import { allLibraries } from "../session/library/allLibraries.ts";
import { backendsHere } from "./backends.ts";
import { bundledLibrary } from "../session/library/bundledLibrary.ts";
import { Engine } from "../session/engine.ts";
import { HubLibrary } from "../session/library/hubLibrary.ts";
import { LocalLibrary } from "../session/library/localLibrary.ts";
import { MEASURED_PLACE, MeasuredChoices } from "./measuredChoices.ts";
import { SCANS_PLACE, ScanStore } from "../session/scans/scanStore.ts";

/** @param base address of the page, with a slash at its end. */
export function createBrowserHouse(base: string, onNotice: (text: string) => void): House {
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
  const host: Host = {
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
  return { engine, host };
}

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
