// Where operations and whole jobs are measured: in workers of a Chromium page, or in this Node process on Dawn. Both give the
// same calls; what goes in and comes out is plain data.

import { createServer } from "vite";

/** @typedef {import("./measure/operationBench.ts").OperationBench} OperationBench */
/** @typedef {import("./measure/jobBench.ts").JobBench} JobBench */
/** @typedef {import("./measure/jobs.ts").ContenderName} JobContender */
/** @typedef {import("./measure/ceilings.ts").Ceilings} Ceilings */
/**
 * @template T
 * @typedef {{ [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never }} Remote
 */
/**
 * @typedef {object} Place
 * @property {readonly import("./measure/contender.ts").ContenderName[]} peers that run there
 * @property {() => Promise<Ceilings>} ceilings
 * @property {() => Promise<Remote<OperationBench>>} newBench
 * @property {(name: JobContender, threads: number | null) => boolean} runsJobs whether that contender of the jobs runs there
 * @property {() => Promise<Remote<JobBench>>} newJobs
 * @property {() => Promise<void>} close
 */

/**
 * @param {import("@playwright/test").BrowserContext} context
 * @param {string} address of the built benchmark page
 * @returns {Promise<Place>}
 */
export async function inChromium(context, address) {
  const page = await context.newPage();
  await page.goto(address);
  const newWorker = async (/** @type {"operations" | "jobs"} */ kind) => {
    const started = page.waitForEvent("worker");
    await page.evaluate((one) => window.startContender(one), kind);
    return started;
  };
  return {
    peers: ["tfjs", "ort"],
    ceilings: async () => (await newWorker("operations")).evaluate(() => operations.ceilings()),
    async newBench() {
      const worker = await newWorker("operations");
      return {
        open: (name) => worker.evaluate((given) => operations.open(given), name),
        prepare: (operation, format) =>
          worker.evaluate(
            ([what, how]) => operations.prepare(what, how),
            /** @type {const} */ ([operation, format]),
          ),
        time: (seed, repeats) =>
          worker.evaluate(
            ([of, times]) => operations.time(of, times),
            /** @type {const} */ ([seed, repeats]),
          ),
        meter: (seed) => worker.evaluate((of) => operations.meter(of), seed),
        release: () => worker.evaluate(() => operations.release()),
      };
    },
    runsJobs: () => true,
    async newJobs() {
      const worker = await newWorker("jobs");
      return {
        open: (task) => worker.evaluate((given) => jobs.open(given), task),
        tokens: () => worker.evaluate(() => jobs.tokens()),
        losses: () => worker.evaluate(() => jobs.losses()),
        expect: (tokens, losses) =>
          worker.evaluate(
            ([of, and]) => jobs.expect(of, and),
            /** @type {const} */ ([tokens, losses]),
          ),
        time: (job, leastMs) =>
          worker.evaluate(
            ([one, least]) => jobs.time(one, least),
            /** @type {const} */ ([job, leastMs]),
          ),
        meter: (job, runs) =>
          worker.evaluate(
            ([one, count]) => jobs.meter(one, count),
            /** @type {const} */ ([job, runs]),
          ),
        stream: (marks) => worker.evaluate((given) => jobs.stream(given), marks),
      };
    },
    close: () => page.close(),
  };
}

/** @returns {Promise<Place>} */
export async function inNode() {
  // Kernels are `?raw` imports: Vite runs the same sources here.
  const server = await createServer({
    configFile: false,
    appType: "custom",
    logLevel: "error",
    server: { middlewareMode: true, watch: null, ws: false },
  });
  const module = /** @type {typeof import("./measure/inNode.ts")} */ (
    await server.ssrLoadModule("/tests/bench/measure/inNode.ts")
  );
  return {
    // ONNX Runtime Web's build does not get through its first operation outside of a browser.
    peers: ["tfjs"],
    ceilings: () => module.ceilings(),
    async newBench() {
      const bench = module.newBench();
      return {
        open: (name) => bench.open(name),
        prepare: (operation, format) => bench.prepare(operation, format),
        time: (seed, repeats) => bench.time(seed, repeats),
        meter: (seed) => bench.meter(seed),
        release: async () => bench.release(),
      };
    },
    // Threads and ONNX Runtime Web want a browser.
    runsJobs: (name, threads) => !name.startsWith("ort-") && (threads ?? 1) === 1,
    async newJobs() {
      const bench = module.newJobs();
      return {
        open: (task) => bench.open(task),
        tokens: () => bench.tokens(),
        losses: () => bench.losses(),
        expect: async (tokens, losses) => bench.expect(tokens, losses),
        time: (job, leastMs) => bench.time(job, leastMs),
        meter: (job, runs) => bench.meter(job, runs),
        stream: (marks) => bench.stream(marks),
      };
    },
    close: () => server.close(),
  };
}
