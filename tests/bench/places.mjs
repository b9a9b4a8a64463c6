// Where the operations' benchmark runs: in workers of a Chromium page, or in this Node process on Dawn. Both give the
// same calls; what goes in and comes out is plain data.

import { createServer } from "vite";

/** @typedef {import("./measure/operationBench.ts").OperationBench} OperationBench */
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
  const newWorker = async () => {
    const started = page.waitForEvent("worker");
    await page.evaluate(() => window.startContender("operations"));
    return started;
  };
  return {
    peers: ["tfjs", "ort"],
    ceilings: async () => (await newWorker()).evaluate(() => operations.ceilings()),
    async newBench() {
      const worker = await newWorker();
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
    close: () => server.close(),
  };
}
