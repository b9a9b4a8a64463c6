// The benchmark's results as text.

import { editsTold } from "./edits.mjs";
import { operationsTold } from "./operationReport.mjs";
import { scanTold } from "./scan.mjs";
import { round, table, told as spreadTold } from "./statistics.mjs";
import { viewsTold } from "./table.mjs";
import { typingTold } from "./typing.mjs";

/** @typedef {Awaited<ReturnType<typeof import("./jobs.mjs").jobTimes>>} JobTimes */
/** @typedef {import("./firstToken.mjs").FirstToken} FirstToken */
/** @typedef {import("./jobs.mjs").Times} Times */
/** @typedef {import("./hub.mjs").HubFigures} HubFigures */
/**
 * @typedef {object} Results
 * @property {string} date
 * @property {string | null} commit null where there is no git
 * @property {string} machine
 * @property {string} place what the kernels ran in
 * @property {number} runs
 * @property {import("./operations.mjs").Operations} [ops]
 * @property {JobTimes} [jobs]
 * @property {import("./edits.mjs").Row[]} [edits]
 * @property {FirstToken[]} [first]
 * @property {{ path: string, kb: number }[]} [bytes]
 * @property {import("./table.mjs").ViewTimes} [views]
 * @property {import("./typing.mjs").TypingTimes} [typing]
 * @property {HubFigures} [hub]
 * @property {import("./scan.mjs").ScanFigures} [scan]
 */

/** @param {Results} results */
export function told({
  date,
  commit,
  machine,
  place,
  runs,
  ops,
  jobs,
  edits,
  first,
  bytes,
  views,
  typing,
  hub,
  scan,
}) {
  const head = [
    `${date.slice(0, 16)}Z, ${commit ?? "no commit"}`,
    machine,
    place,
    `Medians with smallest–largest; of ${runs} runs after a warm-up where a table says nothing else.`,
  ].join("\n");
  return [
    head,
    ...(ops ? [operationsTold(ops)] : []),
    ...(jobs ? [jobsTold(jobs), recordingTold(jobs), streamsTold(jobs)] : []),
    ...(edits ? [editsTold(edits)] : []),
    ...(first ? first.map(firstTold) : []),
    ...(bytes ? [bytesTold(bytes)] : []),
    ...(views ? [viewsTold(views)] : []),
    ...(typing ? [typingTold(typing)] : []),
    ...(hub ? [hubTold(hub)] : []),
    ...(scan ? [scanTold(scan)] : []),
  ].join("\n\n");
}

/** @param {Times | string | null} times */
const cells = (times) =>
  times === null
    ? ["", ""]
    : typeof times === "string"
      ? ["no time", ""]
      : [spreadTold(times.ms), times.to === null ? "" : `×${spreadTold(times.to)}`];

/** @param {JobTimes} jobs */
const jobsTold = ({ tokens, sae, rows }) =>
  [
    `Bundled model, ${tokens} tokens, ${sae}. Ratios are of runs that followed one another: on WebGPU to Facet's kernels, ` +
      "on WebAssembly to Facet's path with as many threads.",
    table(
      [
        "contender",
        "forward + encode, ms",
        "to ours",
        "analyze, ms",
        "to ours",
        "loss, ms",
        "to ours",
        "first, ms",
      ],
      rows.map(({ contender, adapter, firstMs, jobs }) => [
        adapter === "" ? contender : `${contender} (${adapter})`,
        ...cells(jobs.encode),
        ...cells(jobs.analyze),
        ...cells(jobs.loss),
        firstMs === null ? "" : round(firstMs),
      ]),
    ),
    ...rows.flatMap(({ contender, jobs }) =>
      [...new Set(Object.values(jobs))]
        .filter((times) => typeof times === "string")
        .map((why) => `${contender} did not agree or did not run: ${why}`),
    ),
  ].join("\n");

/** @param {JobTimes} jobs */
const recordingTold = ({ recordings }) =>
  "JavaScript of one forward + encode (bar: 10 µs a dispatch)\n" +
  table(
    ["contender", "dispatches", "submissions", "JavaScript, ms", "µs a dispatch"],
    recordings.map(({ contender, dispatches, submissions, jsMs, usPerDispatch }) => [
      contender,
      String(dispatches),
      String(submissions),
      spreadTold(jsMs),
      spreadTold(usPerDispatch),
    ]),
  );

/** @param {JobTimes} jobs */
const streamsTold = ({ streams }) =>
  "Forward + encode of contexts of 256 tokens, eight at a time: µs a token, of the first so many (bar: flat)\n" +
  table(
    ["contender", ...(streams[0]?.tokens.map(String) ?? [])],
    streams.map(({ contender, usPerToken }) => [contender, ...usPerToken.map(round)]),
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
