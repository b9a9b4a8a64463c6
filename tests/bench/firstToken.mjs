// Times the first coloured token on the built page: from the start of navigation to the frame that shows it, with an
// empty cache each time; and where that time went.

import { spread } from "./statistics.mjs";

/** @typedef {import("@playwright/test").Browser} Browser */
/** @typedef {import("./statistics.mjs").Spread} Spread */
/** @typedef {import("../../src/worker/messages.ts").FromWorker} FromWorker */
/** @typedef {import("../../src/worker/messages.ts").ToWorker} ToWorker */
/** @typedef {Record<string, number>} Marks milliseconds since navigation began */
/** @typedef {{ path: string, backend: string, coloured: Spread, milestones: Record<string, Spread>, requests: Request[] }} FirstToken */
/** @typedef {{ name: string, start: number, end: number }} Request */

/** Fragments of the address: what the page picks by itself, and our own kernels whatever the adapter. */
const PATHS = [
  { path: "the page's own pick", fragment: "" },
  { path: "#backend=webgpu", fragment: "#backend=webgpu" },
];
const GIVE_UP_MS = 60_000;

/** Runs in the page before anything else does: notes when what happens, without polling. */
function watch() {
  /** @type {Marks} */
  const marks = {};
  const mark = (/** @type {string} */ name) => {
    marks[name] ??= performance.now();
  };
  const Native = window.Worker;
  window.Worker = class extends Native {
    /** @type {Map<number, string>} */
    #calls = new Map();

    /** @param {ConstructorParameters<typeof Native>} args */
    constructor(...args) {
      mark("page script ran");
      super(...args);
      this.addEventListener("message", (/** @type {MessageEvent<FromWorker>} */ { data }) => {
        if (data.type === "progress") mark("first progress");
        if (data.type === "result") mark(`${this.#calls.get(data.id)} answered`);
      });
    }

    /**
     * @param {[ToWorker]} message nothing is transferred to the worker
     * @override
     */
    postMessage(...message) {
      const [call] = message;
      if (call.type === "call") this.#calls.set(call.id, call.job);
      super.postMessage(...message);
    }
  };
  Object.assign(window, {
    firstToken: new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        if (document.querySelector("[data-position][data-tinted]") === null) return;
        observer.disconnect();
        mark("token in the document");
        // A task after the frame's callbacks is one after the frame.
        requestAnimationFrame(() =>
          setTimeout(() => {
            mark("token coloured");
            resolve({ marks, origin: performance.timeOrigin });
          }),
        );
      });
      observer.observe(document, {
        subtree: true,
        childList: true,
        attributeFilter: ["data-tinted"],
      });
    }),
  });
}

/** In the worker: what it has fetched. */
const workerRequests = () => ({
  origin: performance.timeOrigin,
  requests: performance.getEntriesByType("resource").map((entry) => ({
    name: entry.name,
    start: entry.startTime,
    end: entry.startTime + entry.duration,
  })),
});

/**
 * @param {Browser} browser
 * @param {string} address of the built page
 * @param {string} fragment
 */
async function once(browser, address, fragment) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(GIVE_UP_MS);
    await page.addInitScript(watch);
    await page.goto(address + fragment, { waitUntil: "commit" });
    const { marks, origin } = await page.evaluate(
      () =>
        /** @type {{ firstToken: Promise<{ marks: Marks, origin: number }> }} */ (
          /** @type {unknown} */ (window)
        ).firstToken,
    );
    const [worker] = page.workers();
    if (worker === undefined) throw new Error("the page has no worker");
    const inWorker = await worker.evaluate(workerRequests);
    const shift = inWorker.origin - origin;
    const requests = inWorker.requests
      .map(({ name, start, end }) => ({
        name: name.slice(address.length),
        start: start + shift,
        end: end + shift,
      }))
      .toSorted((a, b) => a.start - b.start);
    const backend = await page.evaluate(async () => {
      const { backend: chosen } = await window.facet.analyze("");
      return chosen.name;
    });
    return { backend, marks: { ...marks, ...workerMilestones(requests) }, requests };
  } finally {
    await context.close();
  }
}

/**
 * What the worker's requests tell: its script ran when it asked for the first file, and the backend stood when it
 * asked for the model's configuration.
 * @param {readonly Request[]} requests
 * @returns {Marks}
 */
function workerMilestones(requests) {
  const files = requests.filter(({ name }) => name.startsWith("demo/"));
  const config = files.find(({ name }) => name === "demo/model/config.json");
  if (files[0] === undefined || config === undefined) return {};
  return {
    "worker script ran": files[0].start,
    "backend ready": config.start,
    "model and SAE fetched": Math.max(...files.map(({ end }) => end)),
  };
}

/**
 * @param {Browser} browser
 * @param {string} address
 * @param {number} runs
 * @param {(line: string) => void} log
 * @returns {Promise<FirstToken[]>}
 */
export async function firstTokenTimes(browser, address, runs, log) {
  /** @type {Awaited<ReturnType<typeof once>>[][]} */
  const found = PATHS.map(() => []);
  // The first visits start the browser's GPU process and are not counted.
  for (let run = -1; run < runs; run++) {
    log(`first token: ${run < 0 ? "warming up" : `run ${run + 1} of ${runs}`}`);
    for (const [i, { fragment }] of PATHS.entries()) {
      const visit = await once(browser, address, fragment);
      if (run >= 0) found[i]?.push(visit);
    }
  }
  return PATHS.map(({ path }, i) => {
    const visits = found[i] ?? [];
    const names = Object.keys(visits[0]?.marks ?? {});
    const milestones = names
      .map((name) => ({ name, time: spread(visits.map(({ marks }) => marks[name] ?? NaN)) }))
      .toSorted((a, b) => a.time.median - b.time.median);
    const coloured = milestones.find(({ name }) => name === "token coloured")?.time;
    if (coloured === undefined) throw new Error(`no token was coloured on ${path}`);
    return {
      path,
      backend: visits[0]?.backend ?? "",
      coloured,
      milestones: Object.fromEntries(milestones.map(({ name, time }) => [name, time])),
      requests: visits.at(-1)?.requests ?? [],
    };
  });
}
