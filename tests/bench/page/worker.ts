// One contender of the whole jobs, in a worker as in Facet itself: the bundled model and SAE on one of Facet's backends,
// or as one graph in ONNX Runtime. It runs a job once, checks what came out, and says how long it took. Who runs how
// often, and when, is the driver's business.

import { openBundle } from "../../../src/hub/bundle.ts";
import type { TokenReport } from "../../../src/lib/report.ts";
import { type Metered, metered } from "../measure/meter.ts";
import { assertAgrees, assertLossAgrees, type ExpectedToken } from "./agreement.ts";
import { onFacet } from "./facetJobs.ts";
import type { ContenderName, Job, Jobs, Task } from "./jobs.ts";
import { onOrt } from "./ortJobs.ts";

export interface Bench {
  /** What runs it. */
  open(task: Task): Promise<string>;
  tokens(): Promise<TokenReport[]>;
  losses(): Promise<number[]>;
  /** From now on every run is held against these. */
  expect(tokens: readonly ExpectedToken[], losses: readonly number[]): void;
  /** Milliseconds of one run, null where it has no such job; throws where the run does not agree. */
  time(job: Job): Promise<number | null>;
  meter(job: Job): Promise<Metered>;
  /** Milliseconds after so many tokens of contexts of 256, one batch after another. */
  stream(marks: readonly number[]): Promise<number[]>;
}

declare global {
  var bench: Bench;
}

const base = new URL("./", location.href.replace(/assets\/[^/]*$/, ""));
let jobs: Jobs | null = null;
let expected: readonly ExpectedToken[] | null = null;
let expectedLosses: readonly number[] = [];

function current(): Jobs {
  if (jobs === null) throw new Error("nothing is open");
  return jobs;
}

/** Only the job itself is on the clock, not the comparison. */
async function timed(job: Job): Promise<number | null> {
  if (expected === null) throw new Error("nothing is known to compare with");
  const work = current()[job];
  if (work === null) return null;
  const start = performance.now();
  const result = await work();
  const ms = performance.now() - start;
  const found = result();
  if (found.tokens) assertAgrees(found.tokens, expected);
  if (found.losses) assertLossAgrees(found.losses, expectedLosses);
  return ms;
}

const isOrt = (name: ContenderName): name is "ort-webgpu" | "ort-wasm" => name.startsWith("ort-");

globalThis.bench = {
  async open(task) {
    const bundle = await openBundle(new URL("demo/", base));
    const { name } = task.contender;
    jobs = isOrt(name)
      ? await onOrt(bundle, name, task)
      : await onFacet(bundle, name, task, new URL("assets/tfjs/", base).href);
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
  meter: (job) =>
    metered(current().backend, async () => {
      await timed(job);
    }),
  stream: (marks) => current().stream(marks),
};
postMessage("ready");
