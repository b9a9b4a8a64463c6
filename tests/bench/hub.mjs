// gemma-2b at full size from the test hub into software WebGPU: how long opening takes beside `fetch` of the same ranges
// to nowhere, what stands in the JavaScript heaps meanwhile, and what a second visit reads.

import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runnerImport } from "vite";
import { startChromium } from "./chromium.mjs";
import { ratios, spread } from "./statistics.mjs";

/** @typedef {import("./chromium.mjs").Page} Page */
/** @typedef {import("./statistics.mjs").Spread} Spread */
/** @typedef {import("../hub/server.ts").TestHub} TestHub */
/** @typedef {{ url: string, range: string | null }} Request */
/** @typedef {import("./chromium.mjs").Chromium} Chromium */
/** @typedef {{ model: string, sae: string }} Pair */
/** @typedef {Record<string, number>} Heaps bytes of each target: JavaScript's objects and ArrayBuffers */
/** @typedef {{ ms: number, sent: number, heaps: Heaps }} Sample `sent` by the hub so far */
/**
 * @typedef {object} HubFigures
 * @property {number} bytes that the hub sent for one opening
 * @property {number} requests
 * @property {Spread} openMs
 * @property {Spread} fetchMs
 * @property {Spread} ratio
 * @property {number[]} load of the machine over the last minute, before each round
 * @property {number} tokenizerBytes of heap that stay with the tokenizer, garbage collected
 * @property {number} peakBytes the most beyond the tokenizer's own while weights stream, garbage included
 * @property {number} keptBytes beyond the tokenizer's own once everything is open, garbage collected
 * @property {Sample[]} samples
 * @property {{ ms: number, bytes: number, requests: number }} again the second visit
 */

const SAMPLE_MS = 200;
/** As many requests are under way while weights stream. */
const CONCURRENCY = 4;
/** The tokenizer has 17.5 MB and headers next to nothing: past this weights stream. */
const WEIGHTS_FROM = 24e6;
const REPOS = join(import.meta.dirname, "hubRepos.ts");

/** @param {string} endpoint @param {Pair} pair */
const openCall = (endpoint, pair) => `(async () => {
  await window.facet.ready;
  await window.facet.analyze(""); // behind everything that the page asked for by itself
  const start = performance.now();
  await window.facet.open(${JSON.stringify({ ...pair, endpoint, backend: "webgpu" })});
  return performance.now() - start;
})()`;

/** @param {readonly Request[]} requests */
const fetchCall = (requests) => `(async () => {
  const waiting = ${JSON.stringify(requests)};
  const start = performance.now();
  await Promise.all(Array.from({ length: ${CONCURRENCY} }, async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const headers = next.range === null ? {} : { Range: next.range };
      const reader = (await fetch(next.url, { cache: "no-store", headers })).body.getReader();
      while (!(await reader.read()).done);
    }
  }));
  return performance.now() - start;
})()`;

/**
 * @param {string} executable
 * @param {readonly string[]} args
 * @param {string} address of the built page
 * @param {number} rounds
 * @param {(line: string) => void} log
 * @returns {Promise<HubFigures>}
 */
export async function hubFigures(executable, args, address, rounds, log) {
  /** @type {{ module: typeof import("./hubRepos.ts") }} */
  const { module } = await runnerImport(REPOS);
  const hub = await module.startHub();
  /**
   * @template T
   * @param {string} path
   * @param {(page: Page, browser: Chromium) => Promise<T>} visit
   */
  const fresh = async (path, visit) => {
    const browser = await startChromium(executable, args);
    try {
      const page = await browser.newPage();
      await page.open(address + path);
      return await visit(page, browser);
    } finally {
      await browser.close();
    }
  };
  try {
    log("gemma-2b: heap");
    const heap = await heapFigures(hub, module.FULL, module.WORDS, address, (visit) =>
      fresh("", visit),
    );
    /** @type {number[]} */
    const opened = [];
    /** @type {number[]} */
    const fetched = [];
    /** @type {number[]} */
    const load = [];
    let asked = [];
    let bytes = 0;
    for (let round = 0; round < rounds; round++) {
      load.push(loadavg()[0] ?? NaN);
      hub.stats.clear();
      log(`gemma-2b: opening, round ${round + 1} of ${rounds}`);
      opened.push(
        await fresh("", (page) => milliseconds(page, openCall(hub.endpoint, module.FULL))),
      );
      bytes = hub.stats.bytes;
      asked = hub.stats.log
        .filter(({ server, url }) => server === "hub" && url.includes("/resolve/"))
        .map(({ url, range }) => ({ url: hub.endpoint + url, range }));
      log(`gemma-2b: fetching ${asked.length} ranges to nowhere`);
      // A page of the same origin that does nothing else.
      const nowhere = "demo/model/config.json";
      const call = fetchCall(asked);
      fetched.push(await fresh(nowhere, (page) => milliseconds(page, call)));
    }
    return {
      bytes,
      requests: asked.length,
      openMs: spread(opened),
      fetchMs: spread(fetched),
      ratio: ratios(opened, fetched),
      load,
      ...heap,
    };
  } finally {
    await hub.close();
  }
}

/** @param {Page} page @param {string} call */
const milliseconds = async (page, call) => Number(await page.evaluate(call));

/**
 * @param {TestHub} hub
 * @param {Pair} full
 * @param {Pair} words the same tokenizer and next to no weights
 * @param {string} address
 * @param {<T>(visit: (page: Page, browser: Chromium) => Promise<T>) => Promise<T>} fresh
 */
async function heapFigures(hub, full, words, address, fresh) {
  const { page: before, alone } = await fresh(async (page) => {
    await milliseconds(page, "window.facet.ready.then(() => 0)");
    const bare = total(await heapsOf(page, true));
    await milliseconds(page, openCall(hub.endpoint, words));
    return { page: bare, alone: total(await heapsOf(page, true)) };
  });
  hub.stats.clear();
  return fresh(async (page) => {
    /** @type {Sample[]} */
    const samples = [];
    const start = performance.now();
    const visit = { opening: true };
    const sampled = (async () => {
      while (visit.opening) {
        const sent = hub.stats.bytes;
        samples.push({ ms: performance.now() - start, sent, heaps: await heapsOf(page, false) });
        await sleep(SAMPLE_MS);
      }
    })();
    await milliseconds(page, openCall(hub.endpoint, full)).finally(() => (visit.opening = false));
    await sampled;
    const kept = total(await heapsOf(page, true));
    const streaming = samples.filter(({ sent }) => sent > WEIGHTS_FROM);

    // Leaves the document, and with it its worker; the storage stays.
    await page.open("about:blank");
    await page.open(address);
    hub.stats.clear();
    const ms = await milliseconds(page, openCall(hub.endpoint, full));
    const requests = hub.stats.log.length;
    return {
      tokenizerBytes: alone - before,
      peakBytes: Math.max(...streaming.map((sample) => total(sample.heaps))) - alone,
      keptBytes: kept - alone,
      samples,
      again: { ms, bytes: hub.stats.bytes, requests },
    };
  });
}

/** @param {Heaps} heaps */
const total = (heaps) => Object.values(heaps).reduce((sum, bytes) => sum + bytes, 0);

/**
 * @param {Page} page
 * @param {boolean} collected whether to collect garbage before
 * @returns {Promise<Heaps>}
 */
async function heapsOf(page, collected) {
  /** @type {Heaps} */
  const found = {};
  for (const [name, send] of page.targets()) {
    if (collected) await send("HeapProfiler.collectGarbage");
    const { usedSize, backingStorageSize } = await send("Runtime.getHeapUsage");
    found[name] = Number(usedSize) + Number(backingStorageSize);
  }
  return found;
}
