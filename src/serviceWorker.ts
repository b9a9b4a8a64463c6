// The service worker: its events, over the files of one version (hub/offline.ts). A new version waits until no tab of the
// old one is open, so none gets files of both.

import {
  activate,
  answer,
  type FileList,
  fromNetwork,
  install,
  type OfflineParts,
  pathOf,
} from "./hub/offline.ts";

declare const self: ServiceWorkerGlobalScope;
/** Written by the build (scripts/vite/serviceWorker.ts). */
declare const FACET_FILES: FileList;
declare const FACET_VERSION: string;

const parts: OfflineParts = {
  scope: self.registration.scope,
  version: FACET_VERSION,
  files: FACET_FILES,
  caches: self.caches,
  fetch: fromNetwork,
};

self.addEventListener("install", (event) => event.waitUntil(install(parts)));
self.addEventListener("activate", (event) => event.waitUntil(activate(parts)));
self.addEventListener("fetch", (event) => {
  const path = pathOf(parts, event.request);
  if (path !== null) event.respondWith(answer(parts, path));
});
