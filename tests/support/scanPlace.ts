// An engine over the bundled files whose scans are kept in a store in memory, saved after every step: stopped and
// started again like a browser's worker.

import type { Backend } from "../../src/backend/backend.ts";
import { bundledLibrary } from "../../src/session/library/bundledLibrary.ts";
import { Engine } from "../../src/session/engine.ts";
import { ScanStore } from "../../src/session/scans/scanStore.ts";
import type { CacheStore } from "../../src/hub/cache/store.ts";
import { demoBundle } from "./nodeFiles.ts";

/** @param store one that opens only at times, as a function. */
export function scanningEngine(
  start: () => Promise<Backend>,
  store: CacheStore | (() => Promise<CacheStore | null>),
  onNotice = (text: string): void => {
    throw new Error(`Unexpected notice: ${text}`);
  },
): Engine {
  const open = typeof store === "function" ? store : () => Promise.resolve(store);
  return new Engine({
    library: bundledLibrary(async () => demoBundle()),
    backends: {
      options: async () => [{ name: "tfjs-wasm", available: true, note: null }],
      start,
    },
    onNotice,
    scans: {
      store: async () => {
        const opened = await open();
        return opened && new ScanStore(opened);
      },
      openDataset: null,
      stepMs: 0,
      saveEveryMs: 0,
    },
  });
}
