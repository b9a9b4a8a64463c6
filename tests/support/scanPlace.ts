// An engine over the bundled files whose scans are kept in a store in memory, saved after every step: stopped and
// started again like a browser's worker.

import type { Backend } from "../../src/backend/backend.ts";
import { bundledLibrary } from "../../src/session/library/bundledLibrary.ts";
import { Engine } from "../../src/session/engine.ts";
import { ScanStore } from "../../src/session/scans/scanStore.ts";
import type { CacheStore } from "../../src/hub/cache/store.ts";
import { demoBundle } from "./nodeFiles.ts";

export function scanningEngine(start: () => Promise<Backend>, store: CacheStore): Engine {
  return new Engine({
    library: bundledLibrary(async () => demoBundle()),
    backends: {
      options: async () => [{ name: "tfjs-wasm", available: true, note: null }],
      start,
    },
    onNotice: (text) => {
      throw new Error(`Unexpected notice: ${text}`);
    },
    scans: {
      store: () => Promise.resolve(new ScanStore(store)),
      openDataset: null,
      stepMs: 0,
      saveEveryMs: 0,
    },
  });
}
