// The page around worker.ts: `call` is what tests evaluate.

import type { HubMethods, Reply } from "./worker.ts";

const worker = new Worker("./worker.js", { type: "module" });
const waiting = new Map<number, (reply: Reply) => void>();
let calls = 0;

worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => waiting.get(data.id)?.(data));

export type Call = <M extends keyof HubMethods>(
  method: M,
  arg: Parameters<HubMethods[M]>[0],
) => Promise<Awaited<ReturnType<HubMethods[M]>> | { error: string; message: string }>;

const call = (method: string, arg: unknown): Promise<unknown> =>
  new Promise((resolve) => {
    const id = calls++;
    waiting.set(id, (reply) => {
      waiting.delete(id);
      resolve(
        "error" in reply ? { error: reply.error.code, message: reply.error.message } : reply.value,
      );
    });
    worker.postMessage({ id, method, arg }, []);
  });

Object.assign(globalThis, { call });
