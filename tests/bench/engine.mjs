// Times the bundled model, forward to the SAE's hook and encode, on every backend; and counts what one run on WebGPU
// asks of JavaScript. Contenders take turns, so that what else the machine does hits all of them alike.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ratios, spread } from "./statistics.mjs";

/** @typedef {import("@playwright/test").BrowserContext} BrowserContext */
/** @typedef {import("@playwright/test").Worker} Worker */
/** @typedef {import("./page/agreement.ts").ExpectedToken} ExpectedToken */
/** @typedef {import("../../src/lib/report.ts").BackendName} BackendName */
/** @typedef {import("./statistics.mjs").Spread} Spread */
/** @typedef {{ name: BackendName, adapter: string, worker: Worker, firstMs: number }} Contender */
/** @typedef {{ ms: Spread, toWebgpu: Spread | null }} Times */
/** @typedef {{ backend: BackendName, adapter: string, firstMs: number | null, encode: Times | string, analyze: Times | string }} Row what went wrong stands in place of the times */
/** @typedef {{ backend: BackendName, dispatches: number, submissions: number, jsMs: Spread, usPerDispatch: Spread }} Recording */

const ROOT = join(import.meta.dirname, "../..");
const SAE = "blocks.3.hook_resid_post_fast_lr";
const TOKENS = 64;
const WARM_UP = 2;
const JOBS = /** @type {const} */ (["encode", "analyze"]);

/** The first computes what the tokens beyond the golden's are compared with. */
const TAKING_TURNS = /** @type {const} */ (["tfjs-wasm", "webgpu", "tfjs-webgpu"]);

/**
 * 64 tokens of one context: a golden text, and words of another behind it. No token sees what follows it, so the
 * golden numbers hold for the first ones.
 * @returns {{ ids: number[], golden: ExpectedToken[] }}
 */
function goldenTask() {
  /** @type {{ sae: string, activation: string, report: { tokens: (ExpectedToken & { id: number })[] } }[]} */
  const all = JSON.parse(readFileSync(join(ROOT, "tests/fixtures/demo/goldens.json"), "utf8"));
  const [longest = [], next = []] = all
    .filter(({ sae, activation }) => sae === SAE && activation === "tanh")
    .map(({ report }) => report.tokens)
    .toSorted((a, b) => b.length - a.length);
  const ids = [...longest, ...next.slice(1)].map(({ id }) => id).slice(0, TOKENS);
  if (ids.length < TOKENS)
    throw new Error(`The two longest goldens have only ${ids.length} tokens.`);
  return { ids, golden: longest.map(onlyExpected) };
}

/**
 * @param {ExpectedToken} token
 * @returns {ExpectedToken}
 */
const onlyExpected = ({ features, norm, squaredError }) => ({ features, norm, squaredError });

/** Without Playwright's own words around what the worker said. @param {unknown} error */
const reason = (error) =>
  (error instanceof Error ? error.message : String(error))
    .replace(/^worker\.evaluate: (Error: )?/, "")
    .split("\n", 1)[0] ?? "";

/**
 * @param {BrowserContext} context
 * @param {string} address of the built benchmark page
 * @param {number} runs at least five
 * @param {(line: string) => void} log
 */
export async function engineTimes(context, address, runs, log) {
  const page = await context.newPage();
  await page.goto(address);
  const { ids, golden } = goldenTask();

  /** @type {Row[]} */
  const rows = [];
  /** @type {Contender[]} */
  const contenders = [];
  let expected = golden;
  for (const name of [...TAKING_TURNS, /** @type {const} */ ("tfjs-cpu")]) {
    log(`opening ${name}`);
    const started = page.waitForEvent("worker");
    await page.evaluate(() => window.startContender("engine"));
    const worker = await started;
    try {
      const task = { backend: name, sae: SAE, ids };
      const adapter = await worker.evaluate((given) => bench.open(given), task);
      await worker.evaluate((tokens) => bench.expect(tokens), expected);
      // Throws unless it agrees.
      const firstMs = await worker.evaluate(() => bench.time("analyze"));
      contenders.push({ name, adapter, worker, firstMs });
      if (expected === golden) {
        const found = await worker.evaluate(() => bench.tokens());
        expected = [...golden, ...found.slice(golden.length).map(onlyExpected)];
        await worker.evaluate((tokens) => bench.expect(tokens), expected);
      }
    } catch (error) {
      const why = reason(error);
      rows.push({ backend: name, adapter: "", firstMs: null, encode: why, analyze: why });
    }
  }
  const once = contenders.filter(({ name }) => name === "tfjs-cpu");
  const turns = contenders.filter(({ name }) => name !== "tfjs-cpu");

  /** @type {Record<"encode" | "analyze", Map<BackendName, number[] | string>>} */
  const times = { encode: new Map(), analyze: new Map() };
  for (const job of JOBS) {
    for (let run = -WARM_UP; run < runs; run++) {
      log(`${job}: ${run < 0 ? "warming up" : `run ${run + 1} of ${runs}`}`);
      await round(turns, job, times[job], run >= 0);
    }
    await round(once, job, times[job], true);
  }
  for (const { name, adapter, firstMs } of contenders) {
    const of = (/** @type {"encode" | "analyze"} */ job) => {
      const samples = times[job].get(name) ?? "was not run";
      const baseline = times[job].get("webgpu");
      if (typeof samples === "string") return samples;
      const ms = spread(samples);
      if (!Array.isArray(baseline)) return { ms, toWebgpu: null };
      const paired = samples.length === baseline.length;
      return { ms, toWebgpu: ratios(samples, paired ? baseline : [spread(baseline).median]) };
    };
    rows.push({ backend: name, adapter, firstMs, encode: of("encode"), analyze: of("analyze") });
  }

  /** @type {Recording[]} */
  const recordings = [];
  for (const { name, worker } of turns) {
    // Only what runs on WebGPU dispatches anything, and only what agreed is measured.
    if (name === "tfjs-wasm" || typeof times.encode.get(name) === "string") continue;
    log(`metering ${name}`);
    const metered = [];
    for (let run = 0; run < runs; run++)
      metered.push(await worker.evaluate(() => bench.meter("encode")));
    const { dispatches = 0, submissions = 0 } = metered.at(-1) ?? {};
    recordings.push({
      backend: name,
      dispatches,
      submissions,
      jsMs: spread(metered.map(({ jsMs }) => jsMs)),
      usPerDispatch: spread(metered.map((one) => (one.jsMs * 1000) / one.dispatches)),
    });
  }
  await page.close();
  return { tokens: TOKENS, sae: SAE, rows, recordings };
}

/**
 * One run of each. Who fails once has no time at all: the reason stands in its place.
 * @param {readonly Contender[]} contenders
 * @param {"encode" | "analyze"} job
 * @param {Map<BackendName, number[] | string>} times
 * @param {boolean} counts
 */
async function round(contenders, job, times, counts) {
  for (const { name, worker } of contenders) {
    const samples = times.get(name) ?? [];
    if (typeof samples === "string") continue;
    try {
      const ms = await worker.evaluate((one) => bench.time(one), job);
      times.set(name, counts ? [...samples, ms] : samples);
    } catch (error) {
      times.set(name, reason(error));
    }
  }
}
