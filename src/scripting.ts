// window.facet: the jobs that scripts may ask for (jobs/calls.ts), and what only the page can do. Reports are plain JSON.

import { CALLS } from "./jobs/calls.ts";
import type { ArgsOf, JobName, ResultOf } from "./jobs/table.ts";
import type { JobOptions } from "./lib/progress.ts";
import type { OpenRequest, Provenance } from "./lib/report.ts";
import type { Ask } from "./state/ask.ts";
import type { CreatedStore } from "./state/createStore.ts";

/** A script may stop a call and hear how far it is: these come last. */
type CallOptions = Pick<JobOptions, "signal" | "onProgress">;

type Scripted = {
  [J in JobName]: (typeof CALLS)[J]["for"] extends "page" ? never : J;
}[JobName];

type JobCalls = {
  readonly [J in Scripted]: (...args: [...ArgsOf<J>, CallOptions?]) => Promise<ResultOf<J>>;
};

export interface Facet extends JobCalls {
  readonly version: string;
  /** The view's model and SAE are open, or failed to open (then it rejects). */
  readonly ready: Promise<void>;
  /** Opens a model and an SAE and moves the page's view to them. */
  open(request: OpenRequest): Promise<Provenance>;
  permalink(): string;
}

/**
 * @param ask how jobs are asked for.
 * @param from a stranger is whoever embeds the page: what it opens is a question to the reader first.
 */
export function createFacet(
  version: string,
  store: CreatedStore,
  ask: Ask,
  from: "script" | "stranger" = "script",
): Facet {
  const calls = scripted("script").map((job) => [
    job,
    async (...args: unknown[]) => {
      const options = isCallOptions(args.at(-1)) ? (args.pop() as CallOptions) : {};
      // What scripts pass is looked at by the job.
      return ask(job, args as unknown as ArgsOf<typeof job>, options);
    },
  ]);
  return {
    ...(Object.fromEntries(calls) as JobCalls),
    version,
    ready: store.ready,
    open: async (request) => (await store.open(request, from)).provenance,
    permalink: () => store.actions.permalink(),
  };
}

/** Jobs for scripts, or of these the ones for pages that embed this one. */
export const scripted = (who: "script" | "embed"): readonly Scripted[] =>
  (Object.keys(CALLS) as JobName[]).filter(
    (job): job is Scripted => CALLS[job].for === "embed" || CALLS[job].for === who,
  );

function isCallOptions(given: unknown): boolean {
  if (typeof given !== "object" || given === null) return false;
  return (
    ("signal" in given && given.signal instanceof AbortSignal) ||
    ("onProgress" in given && typeof given.onProgress === "function")
  );
}
