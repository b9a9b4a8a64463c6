// Times each operation of a forward and of an SAE at gemma-2b's shapes: Facet's kernels in every weight format beside
// TensorFlow.js and ONNX Runtime Web on WebGPU, in turns, and holds them against the machine's ceilings.

import { runnerImport } from "vite";
import { join } from "node:path";
import { encoderBars, stackBars } from "./bars.mjs";
import { ratios, spread } from "./statistics.mjs";

/** @typedef {import("./measure/operations.ts").Operation} Operation */
/** @typedef {import("./measure/contender.ts").ContenderName} ContenderName */
/** @typedef {import("./measure/ceilings.ts").Ceilings} Ceilings */
/** @typedef {import("../../src/lib/report.ts").Precision} Precision */
/** @typedef {import("./statistics.mjs").Spread} Spread */
/** @typedef {import("./places.mjs").Place} Place */
/** @typedef {{ name: ContenderName, adapter: string, bench: Awaited<ReturnType<Place["newBench"]>> }} Contender */
/**
 * What one contender needs for one operation. What went wrong stands in place of the times.
 * @typedef {object} Entry
 * @property {ContenderName} contender
 * @property {Precision} format
 * @property {Spread | string} ms
 * @property {Spread | null} gpuMs by the device's own clock
 * @property {number | null} gflops
 * @property {number | null} gbPerSecond
 * @property {number | null} ofCeiling least time by the ceilings, over the time
 * @property {Spread | null} toOurs
 */
/** @typedef {{ operation: Operation, floorMs: number, entries: Entry[] }} OperationRow */
/** @typedef {import("./bars.mjs").Bar} Bar */
/** @typedef {{ ceilings: Ceilings, adapters: Record<string, string>, rows: OperationRow[], bars: Bar[] }} Operations */

const MODULE = join(import.meta.dirname, "measure/operations.ts");

const PEER_RUNS = 3;
/** One run is repeated until its repetitions take so long, or so often. */
const ENOUGH_MS = 30;
const MOST_REPEATS = 100;
/** What takes so long has no second run to warm up: compiling is little beside it. */
const SLOW_MS = 5000;
/** Tokens of the blocks, and of the encoder held against its bare product. */
const STACK_TOKENS = 16;
const BAR_TOKENS = 64;
/** Blocks 0 to 6. */
const STACK_BLOCKS = 7;
/** What a model's file has; the peers are held against it. */
const USUAL = /** @type {const} */ ("bf16");

/**
 * @param {Place} place
 * @param {{ runs: number, tokens: readonly number[], peers: boolean, names: readonly string[] | null }} options names: of operations, null for all
 * @param {(line: string) => void} log
 * @returns {Promise<Operations>}
 */
export async function operationTimes(place, { runs, tokens, peers, names }, log) {
  /** @type {{ module: typeof import("./measure/operations.ts") }} */
  const { module } = await runnerImport(MODULE);
  log("measuring the machine's ceilings");
  const ceilings = await place.ceilings();

  /** @type {Contender[]} */
  const contenders = [];
  /** @type {Record<string, string>} */
  const adapters = {};
  for (const name of /** @type {const} */ (["ours", ...(peers ? place.peers : [])])) {
    const bench = await place.newBench();
    try {
      const adapter = await bench.open(name);
      contenders.push({ name, adapter, bench });
      adapters[name] = adapter;
    } catch (error) {
      adapters[name] = `did not start: ${reason(error)}`;
    }
  }

  /** @type {(operation: Operation, who: readonly Contender[], peerRuns: number) => Promise<OperationRow>} */
  const rowOf = async (operation, who, peerRuns) => {
    log(`${operation.name}, ${operation.T} tokens`);
    const formats = module.formatsOf(operation);
    // The usual format takes turns with the peers; the others come after it, one by one, to save memory.
    const first = formats.includes(USUAL) ? USUAL : (formats[0] ?? "f32");
    const turns = who.map((contender) => ({
      contender,
      format: contender.name === "ours" ? first : /** @type {const} */ ("f32"),
    }));
    const entries = await timed(operation, turns, runs, peerRuns);
    const own = who.find(({ name }) => name === "ours");
    for (const format of formats) {
      if (format === first || own === undefined) continue;
      entries.push(...(await timed(operation, [{ contender: own, format }], runs, peerRuns)));
    }
    const leastMs = (/** @type {Precision} */ format) =>
      floorMs(module.work(operation, format), ceilings);
    return {
      operation,
      floorMs: leastMs(first),
      entries: entries.map((entry) => {
        if (typeof entry.ms === "string") return entry;
        const { flops, bytes } = module.work(operation, entry.format);
        const seconds = entry.ms.median / 1000;
        return {
          ...entry,
          gflops: flops / seconds / 1e9,
          gbPerSecond: bytes / seconds / 1e9,
          ofCeiling: leastMs(entry.format) / entry.ms.median,
        };
      }),
    };
  };
  const wanted = (/** @type {string} */ name) => names?.includes(name) ?? true;

  /** @type {OperationRow[]} */
  const rows = [];
  for (const T of tokens) {
    for (const operation of module.operationsAt(T)) {
      if (wanted(operation.name)) rows.push(await rowOf(operation, contenders, PEER_RUNS));
    }
  }
  /** @type {Bar[]} */
  const bars = [];
  if (wanted("stack")) {
    // Seconds a run, in the peers: one.
    rows.push(await rowOf(module.stackAt(STACK_TOKENS, 1), contenders, 1));
    const own = contenders.slice(0, 1);
    const whole = module.stackAt(STACK_TOKENS, STACK_BLOCKS);
    rows.push(await rowOf(whole, own, 0));
    bars.push(...(await stackBars(own[0], whole, USUAL, log)));
  }
  if (wanted("bars"))
    bars.push(...(await encoderBars(place, module.barsAt(BAR_TOKENS), runs, log)));
  return { ceilings, adapters, rows, bars };
}

/**
 * The least time: whichever is longer, multiplying or moving the bytes.
 * @param {{ flops: number, bytes: number }} work
 * @param {Ceilings} ceilings
 */
const floorMs = ({ flops, bytes }, { flopsPerSecond, copyBytesPerSecond }) =>
  1000 * Math.max(flops / flopsPerSecond, bytes / copyBytesPerSecond);

/** Without Playwright's own words around what the worker said. @param {unknown} error */
const reason = (error) =>
  (error instanceof Error ? error.message : String(error))
    .replace(/^worker\.evaluate: (Error: )?/, "")
    .split("\n", 1)[0] ?? "";

/** Inputs of each run are its own. */
let seed = 100;

/**
 * One operation, by several in turns. Who fails once has no time.
 * @param {Operation} operation
 * @param {readonly { contender: Contender, format: Precision }[]} turns ours first
 * @param {number} runs
 * @param {number} peerRuns
 * @returns {Promise<Entry[]>}
 */
async function timed(operation, turns, runs, peerRuns) {
  /** @type {{ contender: Contender, format: Precision, repeats: number, ms: number[], gpuMs: number[], wrong: string | null }[]} */
  const taking = [];
  for (const { contender, format } of turns) {
    const entry = { contender, format, repeats: 1, ms: [], gpuMs: [], wrong: null };
    try {
      if (!(await contender.bench.prepare(operation, format))) continue;
      // Compiles; and shows how long one takes.
      const { ms: firstMs } = await contender.bench.time(seed++, 1);
      const { ms } = firstMs > SLOW_MS ? { ms: firstMs } : await contender.bench.time(seed++, 1);
      entry.repeats = Math.max(1, Math.min(MOST_REPEATS, Math.ceil(ENOUGH_MS / ms)));
      taking.push(entry);
    } catch (error) {
      taking.push({ ...entry, wrong: reason(error) });
    }
  }
  for (let run = 0; run < runs; run++) {
    for (const entry of taking) {
      if (entry.wrong !== null || (entry.contender.name !== "ours" && run >= peerRuns)) continue;
      try {
        const { ms, gpuMs } = await entry.contender.bench.time(seed++, entry.repeats);
        entry.ms.push(ms);
        if (gpuMs !== null) entry.gpuMs.push(gpuMs);
      } catch (error) {
        entry.wrong = reason(error);
      }
    }
  }
  for (const { contender } of turns) await contender.bench.release();
  const ours = taking.find(({ contender, wrong }) => contender.name === "ours" && wrong === null);
  return taking.map(({ contender, format, ms, gpuMs, wrong }) => ({
    contender: contender.name,
    format,
    ms: wrong ?? spread(ms),
    gpuMs: wrong !== null || gpuMs.length < ms.length ? null : spread(gpuMs),
    gflops: null,
    gbPerSecond: null,
    ofCeiling: null,
    toOurs: wrong !== null || !ours || contender.name === "ours" ? null : ratios(ms, ours.ms),
  }));
}
