// The bars that the kernels were to reach, measured: dispatches of a forward, and what compaction and the
// sparse decoder cost beside the encoder's product.

import { ratios } from "./statistics.mjs";

/** @typedef {import("./measure/operations.ts").Operation} Operation */
/** @typedef {import("../../src/lib/report.ts").Precision} Precision */
/** @typedef {import("./operations.mjs").Contender} Contender */
/** @typedef {import("./places.mjs").Place} Place */
/**
 * What was measured, beside what it was to be at most.
 * @typedef {object} Bar
 * @property {string} name
 * @property {string} measured
 * @property {string} bar
 */

/** What is held against a sixth needs more rounds than what is held against the peers. */
const LEAST_RUNS = 15;
/** Inputs of each run are its own. */
let seed = 10_000;

/**
 * @param {Contender | undefined} ours undefined where they did not start
 * @param {Operation} whole
 * @param {Precision} format
 * @param {(line: string) => void} log
 * @returns {Promise<Bar[]>}
 */
export async function stackBars(ours, whole, format, log) {
  if (ours?.name !== "ours") return [];
  log("counting dispatches");
  await ours.bench.prepare(whole, format);
  const { dispatches } = await ours.bench.meter(seed++);
  await ours.bench.release();
  return [
    {
      name: `dispatches, gemma-2b to block 6 + encode, ${whole.T} tokens`,
      measured: String(dispatches),
      bar: "60",
    },
  ];
}

/**
 * Encoder, bare product and decoder in turns, each on a device of its own.
 * @param {Place} place
 * @param {readonly [Operation & { N: number }, Operation, Operation]} operations
 * @param {number} runs
 * @param {(line: string) => void} log
 * @returns {Promise<Bar[]>}
 */
export async function encoderBars(place, operations, runs, log) {
  const [{ T, N }] = operations;
  log(`encoder, bare product and decoder, ${T} tokens`);
  const benches = [];
  for (const operation of operations) {
    const bench = await place.newBench();
    await bench.open("ours");
    await bench.prepare(operation, "f32");
    await bench.time(seed++, 1);
    await bench.time(seed++, 1);
    benches.push(bench);
  }
  /** @type {number[][]} */
  const ms = operations.map(() => []);
  for (let run = 0; run < Math.max(runs, LEAST_RUNS); run++) {
    for (const [i, bench] of benches.entries()) {
      ms[i]?.push((await bench.time(seed++, 1)).ms);
    }
  }
  const [encode = [], product = [], decode = []] = ms;
  const { readBytes = NaN } = (await benches[0]?.meter(seed++)) ?? {};
  for (const bench of benches) await bench.release();
  const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(2)} %`;
  return [
    {
      name: `encode with compaction, of its bare product, ${T} tokens`,
      measured: `×${ratios(encode, product).median.toFixed(2)}`,
      bar: "×1.15",
    },
    {
      name: "bytes read back, of the dense ones, at L0 60",
      measured: percent(readBytes / (4 * T * N)),
      bar: "2 %",
    },
    {
      name: `sparse decode, of encode, ${T} tokens`,
      measured: percent(ratios(decode, encode).median),
      bar: "3 %",
    },
  ];
}
