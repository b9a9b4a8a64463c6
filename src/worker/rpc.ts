// The worker's side of the protocol: calls in, results, progress and errors out. It knows no engine.

import { toPlainError } from "../lib/errors.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { FromWorker, MethodName, Methods, ToWorker } from "./protocol.ts";

export type Handlers = {
  readonly [M in MethodName]: (
    options: JobOptions,
    ...args: Methods[M]["args"]
  ) => Promise<Methods[M]["result"]>;
};

/** Buffers of a result that move to the page instead of being copied. */
export type Transfers = {
  readonly [M in MethodName]?: (result: Methods[M]["result"]) => Transferable[];
};

export type Post = (message: FromWorker, transfer: Transferable[]) => void;

/** What to do with each message from the page, once it has said where it is. */
export function createServer(
  handlers: Handlers,
  transfers: Transfers,
  post: Post,
): (message: ToWorker) => void {
  const running = new Map<number, AbortController>();

  async function run<M extends MethodName>(
    id: number,
    method: M,
    args: Methods[M]["args"],
    controller: AbortController,
  ): Promise<void> {
    try {
      const options: JobOptions = {
        signal: controller.signal,
        onProgress: (progress) => post({ type: "progress", id, progress }, []),
      };
      const value = await handlers[method](options, ...args);
      post({ type: "result", id, value }, transfers[method]?.(value) ?? []);
    } catch (error) {
      post({ type: "error", id, error: toPlainError(error) }, []);
    } finally {
      running.delete(id);
    }
  }

  return (message) => {
    if (message.type === "cancel") running.get(message.id)?.abort();
    if (message.type !== "call") return;
    const controller = new AbortController();
    running.set(message.id, controller);
    // The page's client is typed by the same map: its arguments are the method's.
    void run(message.id, message.method, message.args as Methods[MethodName]["args"], controller);
  };
}
