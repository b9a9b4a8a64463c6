// How a scan's time and memory grow with the corpus: once and eight times the same text.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { loadModule } from "../../scripts/modules.mjs";
import { ratios, spread, table, told } from "./statistics.mjs";

/** @typedef {import("./scanRuns.ts").ScanRun} Run */
/** @typedef {{ once: Run, eight: Run }} ScanFigures */

/**
 * @param {(line: string) => void} log
 * @returns {Promise<ScanFigures>}
 */
export async function scanFigures(log) {
  setFlagsFromString("--expose-gc");
  const once = /** @type {() => void} */ (runInNewContext("gc"));
  // Array buffers are freed by another thread, which the next collection waits for.
  const collect = () => {
    once();
    once();
  };
  /** @type {{ module: typeof import("./scanRuns.ts"), close: () => Promise<void> }} */
  const { module, close } = await loadModule("tests/bench/scanRuns.ts");
  try {
    return await module.scanRuns(collect, log);
  } finally {
    await close();
  }
}

/** @param {ScanFigures} figures */
export function scanTold({ once, eight }) {
  const row = (/** @type {string} */ name, /** @type {Run} */ run) => [
    name,
    String(run.tokens),
    told(spread(run.seconds)),
    (run.heapBytes / 1e6).toFixed(1),
  ];
  return (
    "Scanning (Node, TensorFlow.js on WebAssembly; heap and array buffers at most)\n" +
    table(
      ["corpus", "tokens", "seconds", "MB"],
      [
        row("once", once),
        row("eight times", eight),
        [
          "ratio",
          (eight.tokens / once.tokens).toFixed(2),
          told(ratios(eight.seconds, once.seconds)),
          (eight.heapBytes / once.heapBytes).toFixed(3),
        ],
        ["bar", "", "≤ 8.8", "0.9–1.1"],
      ],
    )
  );
}
