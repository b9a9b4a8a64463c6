// The benchmark's results as text.

import { operationsTold } from "./operationReport.mjs";
import { round, table, told as spreadTold } from "./statistics.mjs";

/** @typedef {Awaited<ReturnType<typeof import("./engine.mjs").engineTimes>>} EngineTimes */
/** @typedef {import("./firstToken.mjs").FirstToken} FirstToken */
/** @typedef {import("./engine.mjs").Times} Times */
/** @typedef {import("./hub.mjs").HubFigures} HubFigures */
/**
 * @typedef {object} Results
 * @property {string} date
 * @property {string | null} commit null where there is no git
 * @property {string} machine
 * @property {string} place what the kernels ran in
 * @property {number} runs
 * @property {import("./operations.mjs").Operations} [ops]
 * @property {EngineTimes} [engine]
 * @property {FirstToken[]} [first]
 * @property {{ path: string, kb: number }[]} [bytes]
 * @property {HubFigures} [hub]
 */

/** @param {Results} results */
export function told({ date, commit, machine, place, runs, ops, engine, first, bytes, hub }) {
  const head = [
    `${date.slice(0, 16)}Z, ${commit ?? "no commit"}`,
    machine,
    place,
    `Medians with smallest–largest; of ${runs} runs after a warm-up where a table says nothing else.`,
  ].join("\n");
  return [
    head,
    ...(ops ? [operationsTold(ops)] : []),
    ...(engine ? [engineTold(engine), recordingTold(engine)] : []),
    ...(first ? first.map(firstTold) : []),
    ...(bytes ? [bytesTold(bytes)] : []),
    ...(hub ? [hubTold(hub)] : []),
  ].join("\n\n");
}

/** @param {Times | string} times */
const cells = (times) =>
  typeof times === "string"
    ? ["no time", ""]
    : [spreadTold(times.ms), times.toWebgpu === null ? "" : `×${spreadTold(times.toWebgpu)}`];

/** @param {EngineTimes} engine */
const engineTold = ({ tokens, sae, rows }) =>
  [
    `Bundled model, ${tokens} tokens, ${sae}. Ratios are of runs that followed one another.`,
    table(
      ["backend", "forward + encode, ms", "to webgpu", "analyze, ms", "to webgpu", "first, ms"],
      rows.map(({ backend, adapter, firstMs, encode, analyze }) => [
        adapter === "" ? backend : `${backend} (${adapter})`,
        ...cells(encode),
        ...cells(analyze),
        firstMs === null ? "" : round(firstMs),
      ]),
    ),
    ...rows.flatMap(({ backend, encode, analyze }) =>
      [...new Set([encode, analyze])]
        .filter((times) => typeof times === "string")
        .map((why) => `${backend} did not agree or did not run: ${why}`),
    ),
  ].join("\n");

/** @param {EngineTimes} engine */
const recordingTold = ({ recordings }) =>
  "JavaScript of one forward + encode\n" +
  table(
    ["backend", "dispatches", "submissions", "JavaScript, ms", "µs a dispatch"],
    recordings.map(({ backend, dispatches, submissions, jsMs, usPerDispatch }) => [
      backend,
      String(dispatches),
      String(submissions),
      spreadTold(jsMs),
      spreadTold(usPerDispatch),
    ]),
  );

/** @param {FirstToken} first */
const firstTold = ({ path, backend, milestones }) =>
  `First coloured token, empty cache: ${path} (${backend})\n` +
  table(
    ["", "ms since navigation"],
    Object.entries(milestones).map(([name, time]) => [name, spreadTold(time)]),
  );

/** @param {{ path: string, kb: number }[]} bytes */
const bytesTold = (bytes) =>
  "JavaScript before the first coloured token\n" +
  table(
    ["backend", "KB gzipped"],
    bytes.map(({ path, kb }) => [path, round(kb)]),
  );

const MB = 1e6;

/** @param {HubFigures} hub */
const hubTold = ({ bytes, requests, openMs, fetchMs, ratio, load, again, ...heap }) =>
  `gemma-2b and its SAE from the test hub into WebGPU, ${openMs.samples.length} rounds\n` +
  table(
    ["", ""],
    [
      ["read, MB", round(bytes / MB)],
      ["requests", String(requests)],
      ["opening, ms", spreadTold(openMs)],
      ["fetch of the same ranges to nowhere, ms", spreadTold(fetchMs)],
      ["ratio", spreadTold(ratio)],
      ["load of the machine before each round", load.map(round).join(", ")],
      ["tokenizer's heap, MB", round(heap.tokenizerBytes / MB)],
      ["most heap beyond it while weights stream, MB", round(heap.peakBytes / MB)],
      ["heap beyond it once open, MB", round(heap.keptBytes / MB)],
      ["second visit, ms", round(again.ms)],
      ["second visit, bytes read", String(again.bytes)],
    ],
  );
