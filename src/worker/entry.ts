// The worker: the engine behind the protocol, from the page's first message on, which says where the page is.

import { createBrowserEngine } from "./browserEngine.ts";
import { engineHandlers } from "./handlers.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";
import { createServer } from "./rpc.ts";

declare const self: DedicatedWorkerGlobalScope;

const post = (message: FromWorker, transfer: Transferable[]): void =>
  self.postMessage(message, transfer);

function start(base: string): void {
  const engine = createBrowserEngine(base, (text) => post({ type: "notice", text }, []));
  const transfers = { residual: (rows: Float32Array[]) => rows.map(({ buffer }) => buffer) };
  const serve = createServer(engineHandlers(engine), transfers, post);
  self.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => serve(data));
}

self.addEventListener(
  "message",
  ({ data }: MessageEvent<ToWorker>) => {
    if (data.type === "start") start(data.base);
  },
  { once: true },
);
