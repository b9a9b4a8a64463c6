// The jobs of an engine as functions, for tests in Node: what no browser is needed for. Options come last.

import { JOBS, type ArgsOf, type JobName, type ResultOf } from "../../src/jobs/table.ts";
import type { Job } from "../../src/jobs/job.ts";
import type { JobOptions } from "../../src/lib/progress.ts";
import type { Engine } from "../../src/session/engine.ts";
import type { Opened, Session } from "../../src/session/session.ts";

export type JobFunctions = {
  readonly [J in JobName]: (...args: [...ArgsOf<J>, JobOptions?]) => Promise<ResultOf<J>>;
};

export const jobsOf = (engine: Engine): JobFunctions =>
  Object.fromEntries(
    Object.entries(JOBS).map(([name, job]) => [
      name,
      (...args: unknown[]) => {
        const options = isOptions(args.at(-1)) ? (args.pop() as JobOptions) : {};
        return (job as Job<unknown[], unknown>).run({ engine, host: null }, args, options);
      },
    ]),
  ) as unknown as JobFunctions;

/** The same on a session that no engine holds; nothing can be opened beside it. */
export function jobsOn(session: Session): JobFunctions {
  const opened: Opened = {
    session,
    request: { model: "", sae: "" },
    beside: () => Promise.reject(new Error("nothing can be opened beside it")),
  };
  const turn: Engine["turn"] = (_doing, _options, work) => work(opened);
  // Of an engine, jobs on a session use no more.
  return jobsOf({ turn } as Engine);
}

const isOptions = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  ("signal" in value || "onProgress" in value || "on" in value);
