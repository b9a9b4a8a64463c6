// The worker: jobs behind messages, from the page's first one on, which says where the page is.

import { createBrowserHouse } from "./browserHouse.ts";
import { holdLifeLock } from "./life.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { createServer } from "./server.ts";

declare const self: DedicatedWorkerGlobalScope;

const post = (message: FromWorker, transfer: Transferable[]): void =>
  self.postMessage(message, transfer);

self.addEventListener(
  "message",
  ({ data }: MessageEvent<ToWorker>) => {
    if (data.type !== "start") return;
    holdLifeLock(navigator.locks, data.life, () => post({ type: "alive" }, []));
    const serve = createServer(
      createBrowserHouse(data.base, (text) => post({ type: "notice", text }, [])),
      post,
    );
    self.addEventListener("message", (event: MessageEvent<ToWorker>) => serve(event.data));
  },
  { once: true },
);
