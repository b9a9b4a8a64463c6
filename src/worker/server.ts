// The worker's side: calls of jobs in; results, progress and errors out.

import type { House, Job } from "../jobs/job.ts";
import { JOBS } from "../jobs/table.ts";
import { FacetError, toPlainError } from "../lib/errors.ts";
import { show } from "../lib/json.ts";
import { packingOf } from "../lib/packing.ts";
import type { JobOptions } from "../lib/progress.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

export type Post = (message: FromWorker, transfer: Transferable[]) => void;

type AnyJob = Job<readonly unknown[], unknown>;

/** What to do with each message from the page, once it has said where it is. */
export function createServer(
  house: House,
  post: Post,
  jobs: { readonly [name: string]: AnyJob } = JOBS as unknown as Record<string, AnyJob>,
): (message: ToWorker) => void {
  const running = new Map<number, AbortController>();

  async function run(
    { id, job: name, args, on }: Extract<ToWorker, { type: "call" }>,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      const job = Object.hasOwn(jobs, name) ? jobs[name] : undefined;
      if (!job) throw new FacetError("Unsupported", `There is no job ${show(name)}.`);
      const options: JobOptions = {
        signal,
        onProgress: (progress) => post({ type: "progress", id, progress }, []),
        ...(on !== undefined && { on }),
      };
      const result = await job.run(house, args, options);
      const { packing } = job;
      if (packing === undefined) {
        post({ type: "result", id, value: result }, job.transfer?.(result) ?? []);
        return;
      }
      const { pack, moved } = packingOf(packing);
      const value = pack(result);
      post({ type: "result", id, value, packing }, moved(value));
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
    void run(message, controller.signal);
  };
}
