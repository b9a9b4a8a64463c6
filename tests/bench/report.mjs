// The benchmark's results as text.

import { round, table, told as spreadTold } from "./statistics.mjs";

/** @typedef {Awaited<ReturnType<typeof import("./engine.mjs").engineTimes>>} EngineTimes */
/** @typedef {import("./firstToken.mjs").FirstToken} FirstToken */
/** @typedef {import("./engine.mjs").Times} Times */
/**
 * @typedef {object} Results
 * @property {string} date
 * @property {string | null} commit null where there is no git
 * @property {string} machine
 * @property {string} browser
 * @property {number} runs
 * @property {EngineTimes} [engine]
 * @property {FirstToken[]} [first]
 * @property {{ path: string, kb: number }[]} [bytes]
 */

/** @param {Results} results */
export function told({ date, commit, machine, browser, runs, engine, first, bytes }) {
  const head = [
    `${date.slice(0, 16)}Z, ${commit ?? "no commit"}`,
    machine,
    browser,
    `Median of ${runs} runs after a warm-up (smallest–largest).`,
  ].join("\n");
  return [
    head,
    ...(engine ? [engineTold(engine), recordingTold(engine)] : []),
    ...(first ? first.map(firstTold) : []),
    ...(bytes ? [bytesTold(bytes)] : []),
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
