// The operations' benchmark as text: the machine's ceilings, each operation beside the peers, and by weight format.

import { round, table, told } from "./statistics.mjs";

/** @typedef {import("./operations.mjs").Operations} Operations */
/** @typedef {import("./operations.mjs").OperationRow} OperationRow */
/** @typedef {import("./operations.mjs").Entry} Entry */
/** @typedef {import("./measure/ceilings.ts").Ceilings} Ceilings */
/** @typedef {import("../../src/lib/report.ts").Precision} Precision */

/** @param {Operations} operations */
export const operationsTold = ({ ceilings, adapters, rows, bars }) =>
  [
    ceilingsTold(ceilings),
    peersTold(adapters, rows),
    formatsTold(rows),
    ...(bars.length > 0 ? [barsTold(bars)] : []),
    ...wrongTold(rows),
  ].join("\n\n");

/** @param {Operations["bars"]} bars */
const barsTold = (bars) =>
  table(
    ["", "measured", "at most"],
    bars.map(({ name, measured, bar }) => [name, measured, bar]),
  );

/** @param {Ceilings} ceilings */
const ceilingsTold = (ceilings) =>
  `Ceilings of the machine: ${ceilings.adapter}\n` +
  table(
    ["", ""],
    [
      ["copying, GB/s read and written", round(ceilings.copyBytesPerSecond / 1e9)],
      ["f32 multiply-add, GFLOP/s", round(ceilings.flopsPerSecond / 1e9)],
      ["one dispatch after another, µs", round(ceilings.dispatchUs)],
      ["JavaScript of one dispatch, µs", round(ceilings.recordUs)],
      ["submission to four bytes read back, ms", round(ceilings.readbackMs)],
    ],
  );

/** @param {OperationRow} row @param {Entry["contender"]} contender */
const first = ({ entries }, contender) => entries.find((entry) => entry.contender === contender);

/** @param {Entry | undefined} entry */
const time = (entry) =>
  entry === undefined ? "" : typeof entry.ms === "string" ? "no time" : told(entry.ms);

/** @param {Operations["adapters"]} adapters @param {readonly OperationRow[]} rows */
function peersTold(adapters, rows) {
  const peers = /** @type {const} */ (["tfjs", "ort"]).filter((name) => name in adapters);
  const names = { tfjs: "TensorFlow.js", ort: "ONNX Runtime" };
  return (
    "Operations at gemma-2b's shapes. Ratios are of runs that followed one another; the ceiling is the longer of its " +
    "multiply-adds and its bytes.\n" +
    table(
      [
        "operation",
        "tokens",
        "columns",
        "ours in",
        "ours, ms",
        "GFLOP/s",
        "GB/s",
        "of the ceiling",
        ...peers.flatMap((name) => [`${names[name]}, ms`, "to ours"]),
      ],
      rows.map((row) => {
        const { operation } = row;
        const ours = first(row, "ours");
        return [
          operation.name,
          String(operation.T),
          "N" in operation ? String(operation.N) : "",
          ours?.format ?? "",
          time(ours),
          figure(ours?.gflops),
          figure(ours?.gbPerSecond),
          share(ours?.ofCeiling),
          ...peers.flatMap((name) => {
            const peer = first(row, name);
            return [time(peer), peer?.toOurs ? `×${round(peer.toOurs.median)}` : ""];
          }),
        ];
      }),
    )
  );
}

/** @param {number | null | undefined} value */
const figure = (value) => (value === null || value === undefined ? "" : round(value));
/** @param {number | null | undefined} value */
const share = (value) =>
  value === null || value === undefined ? "" : `${(100 * value).toFixed(value < 0.1 ? 1 : 0)} %`;

const FORMATS = /** @type {const} */ (["bf16", "f32", "int8", "int4"]);

/** @param {readonly OperationRow[]} rows */
function formatsTold(rows) {
  const several = rows.filter(
    ({ entries }) => entries.filter(({ contender }) => contender === "ours").length > 1,
  );
  return (
    "Ours by the format of the weights, ms; by the device's own clock where it has one\n" +
    table(
      ["operation", "tokens", ...FORMATS.flatMap((format) => [format, "device"])],
      several.map(({ operation, entries }) => [
        operation.name,
        String(operation.T),
        ...FORMATS.flatMap((format) => {
          const entry = entries.find((one) => one.contender === "ours" && one.format === format);
          return [time(entry), entry?.gpuMs ? round(entry.gpuMs.median) : ""];
        }),
      ]),
    )
  );
}

/** @param {readonly OperationRow[]} rows */
const wrongTold = (rows) => {
  const lines = rows.flatMap(({ operation, entries }) =>
    entries.flatMap(({ contender, format, ms }) =>
      typeof ms === "string"
        ? [`${operation.name}, ${operation.T} tokens: ${contender} in ${format} has no time: ${ms}`]
        : [],
    ),
  );
  return lines.length > 0 ? [lines.join("\n")] : [];
};
