// Times whole jobs on the bundled model: forward to the SAE's hook and encode, the report behind the page, the loss of the
// whole forward; on every backend and as a graph in ONNX Runtime Web. Counts what one run on WebGPU asks of JavaScript,
// and whether many contexts cost what few do. Contenders take turns, so that what else the machine does hits all alike.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ratios, spread } from "./statistics.mjs";

/** @typedef {import("./places.mjs").Place} Place */
/** @typedef {import("./measure/agreement.ts").ExpectedToken} ExpectedToken */
/** @typedef {import("./measure/jobs.ts").Job} Job */
/** @typedef {import("./measure/jobs.ts").Task["contender"]} Named */
/** @typedef {import("./statistics.mjs").Spread} Spread */
/** @typedef {Named & { adapter: string, bench: Awaited<ReturnType<Place["newJobs"]>>, firstMs: number }} Contender */
/** @typedef {{ ms: Spread, to: Spread | null }} Times to: against the yardstick of its kind */
/**
 * @typedef {object} Row
 * @property {string} contender
 * @property {string} adapter
 * @property {string} yardstick what `to` is against
 * @property {number | null} firstMs
 * @property {Record<Job, Times | string | null>} jobs what went wrong stands in place of the times; null: no such job
 */
/** @typedef {{ contender: string, dispatches: number, submissions: number, jsMs: Spread, usPerDispatch: Spread }} Recording */
/** @typedef {{ contender: string, tokens: number[], usPerToken: number[] }} Stream per token, up to so many tokens */

const ROOT = join(import.meta.dirname, "../..");
const SAE = "blocks.3.hook_resid_post_fast_lr";
const TOKENS = 64;
const WARM_UP = 2;
/** A job that is done sooner is run again: one run of a few milliseconds tells more of what else the machine did. */
const LEAST_MS = 30;
/** Half a millisecond is easily interrupted. */
const LEAST_METERED = 21;
const JOBS = /** @type {const} */ (["encode", "analyze", "loss"]);

/**
 * The first computes what the tokens beyond the golden's are compared with. On the CPU both sides have as many threads.
 * @type {readonly Named[]}
 */
const TAKING_TURNS = [
  { name: "tfjs-wasm", threads: 1 },
  { name: "ort-wasm", threads: 1 },
  { name: "tfjs-wasm", threads: 2 },
  { name: "ort-wasm", threads: 2 },
  { name: "webgpu", threads: null },
  { name: "tfjs-webgpu", threads: null },
  { name: "ort-webgpu", threads: null },
];
/** @type {Named} */
const ONCE = { name: "tfjs-cpu", threads: null };

/** Tokens after which `stream` says how long it took. */
const MARKS = [10_000, 40_000, 160_000];

/** @param {Named} named */
const label = ({ name, threads }) =>
  threads === null ? name : `${name}, ${threads} thread${threads === 1 ? "" : "s"}`;

/** What a contender is held against: Facet's on the same kind of machine. @param {Named} named @returns {Named} */
const yardstick = ({ name, threads }) =>
  name.endsWith("-wasm") ? { name: "tfjs-wasm", threads } : { name: "webgpu", threads: null };

/**
 * 64 tokens of one context: a golden text, and words of another behind it. No token sees what follows it, so the
 * golden numbers hold for the first ones.
 * @returns {{ ids: number[], golden: ExpectedToken[], goldenLosses: number[] }}
 */
function goldenTask() {
  /** @type {{ sae: string, activation: string, report: { tokens: (ExpectedToken & { id: number })[], perToken: { ceClean: number | null }[] } }[]} */
  const all = JSON.parse(readFileSync(join(ROOT, "tests/fixtures/demo/goldens.json"), "utf8"));
  const [longest, next] = all
    .filter(({ sae, activation }) => sae === SAE && activation === "tanh")
    .map(({ report }) => report)
    .toSorted((a, b) => b.tokens.length - a.tokens.length);
  const tokens = longest?.tokens ?? [];
  const ids = [...tokens, ...(next?.tokens.slice(1) ?? [])].map(({ id }) => id).slice(0, TOKENS);
  if (ids.length < TOKENS)
    throw new Error(`The two longest goldens have only ${ids.length} tokens.`);
  return {
    ids,
    golden: tokens.map(onlyExpected),
    // The last token of the golden text has no next one there.
    goldenLosses: (longest?.perToken ?? [])
      .slice(0, tokens.length - 1)
      .map(({ ceClean }) => ceClean ?? NaN),
  };
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
 * @param {Place} place
 * @param {number} runs at least five
 * @param {(line: string) => void} log
 */
export async function jobTimes(place, runs, log) {
  const { ids, golden, goldenLosses } = goldenTask();

  /** @type {Row[]} */
  const rows = [];
  /** @type {Contender[]} */
  const contenders = [];
  let expected = golden;
  let losses = goldenLosses;
  for (const named of [...TAKING_TURNS, ONCE]) {
    if (!place.runsJobs(named.name, named.threads)) continue;
    log(`opening ${label(named)}`);
    const bench = await place.newJobs();
    try {
      const adapter = await bench.open({ contender: named, sae: SAE, ids });
      await bench.expect(expected, losses);
      // Throws unless it agrees.
      const firstMs = (await bench.time("encode", 0)) ?? NaN;
      contenders.push({ ...named, adapter, bench, firstMs });
      if (expected === golden) {
        const found = await bench.tokens();
        expected = [...golden, ...found.slice(golden.length).map(onlyExpected)];
        // Held against the golden ones first.
        await bench.time("loss", 0);
        const all = await bench.losses();
        losses = [...goldenLosses, ...all.slice(goldenLosses.length)];
        await bench.expect(expected, losses);
      }
    } catch (error) {
      const why = reason(error);
      rows.push({
        contender: label(named),
        adapter: "",
        yardstick: "",
        firstMs: null,
        jobs: { encode: why, analyze: why, loss: why },
      });
    }
  }
  const once = contenders.filter(({ name }) => name === ONCE.name);
  const turns = contenders.filter(({ name }) => name !== ONCE.name);

  /** @type {Record<Job, Map<string, number[] | string | null>>} */
  const times = { encode: new Map(), analyze: new Map(), loss: new Map() };
  for (const job of JOBS) {
    for (let run = -WARM_UP; run < runs; run++) {
      log(`${job}: ${run < 0 ? "warming up" : `run ${run + 1} of ${runs}`}`);
      await round(turns, job, times[job], run >= 0);
    }
    await round(once, job, times[job], true);
  }
  for (const contender of contenders) {
    const against = label(yardstick(contender));
    const of = (/** @type {Job} */ job) => {
      const samples = times[job].get(label(contender)) ?? null;
      const baseline = times[job].get(against);
      if (samples === null || typeof samples === "string") return samples;
      const ms = spread(samples);
      if (!Array.isArray(baseline)) return { ms, to: null };
      const paired = samples.length === baseline.length;
      return { ms, to: ratios(samples, paired ? baseline : [spread(baseline).median]) };
    };
    rows.push({
      contender: label(contender),
      adapter: contender.adapter,
      yardstick: against,
      firstMs: contender.firstMs,
      jobs: { encode: of("encode"), analyze: of("analyze"), loss: of("loss") },
    });
  }

  /** @type {Recording[]} */
  const recordings = [];
  for (const contender of turns) {
    // Only what runs on WebGPU dispatches anything, and only what agreed is measured.
    if (!contender.name.endsWith("webgpu") || !Array.isArray(times.encode.get(label(contender)))) {
      continue;
    }
    log(`metering ${label(contender)}`);
    const { dispatches, submissions, jsMs } = await contender.bench.meter(
      "encode",
      Math.max(runs, LEAST_METERED),
    );
    recordings.push({
      contender: label(contender),
      dispatches,
      submissions,
      jsMs: spread(jsMs),
      usPerDispatch: spread(jsMs.map((ms) => (ms * 1000) / dispatches)),
    });
  }

  // With most threads, where there are several.
  const fastestWasm = turns.findLast(({ name }) => name === "tfjs-wasm");
  /** @type {Stream[]} */
  const streams = [];
  for (const contender of turns) {
    if (contender.name !== "webgpu" && contender !== fastestWasm) continue;
    log(`${label(contender)}: ${MARKS.at(-1)} tokens in batches`);
    const marks = await contender.bench.stream(MARKS);
    streams.push({
      contender: label(contender),
      tokens: MARKS,
      usPerToken: marks.map((ms, i) => (1000 * ms) / (MARKS[i] ?? NaN)),
    });
  }
  return { tokens: TOKENS, sae: SAE, rows, recordings, streams };
}

/**
 * Each in its turn. Who fails once has no time at all: the reason stands in its place.
 * @param {readonly Contender[]} contenders
 * @param {Job} job
 * @param {Map<string, number[] | string | null>} times
 * @param {boolean} counts
 */
async function round(contenders, job, times, counts) {
  for (const contender of contenders) {
    const name = label(contender);
    const samples = times.get(name) ?? [];
    if (typeof samples === "string") continue;
    try {
      const ms = await contender.bench.time(job, LEAST_MS);
      times.set(name, ms === null ? null : counts ? [...samples, ms] : samples);
    } catch (error) {
      times.set(name, reason(error));
    }
  }
}
