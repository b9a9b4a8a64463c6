// A worker that lays features out so that those with like decoder rows lie together. It is stopped by ending it.

import { project } from "./project.ts";
import type { FromProjection, ToProjection } from "./messages.ts";

declare const self: DedicatedWorkerGlobalScope;

const post = (message: FromProjection, transfer: Transferable[] = []): void =>
  self.postMessage(message, transfer);

self.addEventListener("message", ({ data }: MessageEvent<ToProjection>) => {
  const { x, y } = project(data, (done, total) => post({ type: "progress", done, total }));
  post({ type: "result", x, y }, [x.buffer, y.buffer]);
});
