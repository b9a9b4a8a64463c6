// The worker: an engine over the bundled library, behind the protocol.

import { backendsHere } from "../engine/backends.ts";
import { bundledLibrary } from "../engine/bundledLibrary.ts";
import { Engine } from "../engine/engine.ts";
import { openBundle } from "../hub/bundle.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";
import { engineHandlers } from "./handlers.ts";
import { createServer } from "./rpc.ts";

declare const self: DedicatedWorkerGlobalScope;

const post = (message: FromWorker, transfer: Transferable[]): void =>
  self.postMessage(message, transfer);

self.addEventListener(
  "message",
  ({ data }: MessageEvent<ToWorker>) => {
    if (data.type !== "start") return;
    const { base } = data;
    const engine = new Engine({
      library: bundledLibrary((options) => openBundle(new URL("demo/", base), options)),
      backends: backendsHere(new URL("assets/tfjs/", base).href),
      onNotice: (text) => post({ type: "notice", text }, []),
    });
    const serve = createServer(
      engineHandlers(engine),
      { residual: (rows) => rows.map(({ buffer }) => buffer) },
      post,
    );
    self.addEventListener("message", (message: MessageEvent<ToWorker>) => serve(message.data));
  },
  { once: true },
);
