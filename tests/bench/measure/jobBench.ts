// One contender of the whole jobs: it runs a job, checks what came out, and says how long that took. Who runs when is the
// driver's business; where the contenders come from is the place's.

import type { TokenReport } from "../../../src/lib/report.ts";
import { assertAgrees, assertLossAgrees, type ExpectedToken } from "./agreement.ts";
import type { Job, Jobs, Task } from "./jobs.ts";
import { type Metered, metered } from "./meter.ts";

export interface JobBench {
  /** What runs it. */
  open(task: Task): Promise<string>;
  tokens(): Promise<TokenReport[]>;
  losses(): Promise<number[]>;
  /** From now on every run is held against these. */
  expect(tokens: readonly ExpectedToken[], losses: readonly number[]): void;
  /**
   * Milliseconds of one run, by as many as take `leastMs` together; null where it has no such job. Throws where one does
   * not agree.
   */
  time(job: Job, leastMs: number): Promise<number | null>;
  meter(job: Job, runs: number): Promise<Metered>;
  /** Milliseconds after so many tokens of contexts of 256, one batch after another. */
  stream(marks: readonly number[]): Promise<number[]>;
}

/** Runs before those that are metered. */
const WARM_UP = 60;

export function jobBench(openJobs: (task: Task) => Promise<Jobs>): JobBench {
  let jobs: Jobs | null = null;
  let expected: readonly ExpectedToken[] | null = null;
  let expectedLosses: readonly number[] = [];

  function current(): Jobs {
    if (jobs === null) throw new Error("nothing is open");
    return jobs;
  }

  async function timed(job: Job, leastMs: number): Promise<number | null> {
    const work = current()[job];
    if (work === null) return null;
    let ms = await once(work);
    let runs = 1;
    for (; ms < leastMs; runs++) ms += await once(work);
    return ms / runs;
  }

  /** Only the job itself is on the clock, not the comparison. */
  async function once(work: NonNullable<Jobs[Job]>): Promise<number> {
    if (expected === null) throw new Error("nothing is known to compare with");
    const start = performance.now();
    const result = await work();
    const ms = performance.now() - start;
    const found = result();
    if (found.tokens) assertAgrees(found.tokens, expected);
    if (found.losses) assertLossAgrees(found.losses, expectedLosses);
    return ms;
  }

  return {
    async open(task) {
      jobs = await openJobs(task);
      return jobs.adapter;
    },
    tokens: () => current().tokens(),
    losses: async () => {
      const found = (await current().loss?.())?.();
      return [...(found?.losses ?? [])];
    },
    expect(tokens, losses) {
      expected = tokens;
      expectedLosses = losses;
    },
    time: timed,
    async meter(job, runs) {
      const work = current()[job];
      if (work === null) throw new Error(`there is no job "${job}" to meter`);
      // Not compared: it was when it was timed, and comparing leaves more garbage behind than the job does.
      const run = async (): Promise<void> => void (await work());
      return metered(current().backend, run, { warmUp: WARM_UP, runs });
    },
    stream: (marks) => current().stream(marks),
  };
}
