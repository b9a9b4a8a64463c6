// `npm run bench`: builds the app and the benchmark's page, measures both in the browser, prints tables and writes
// bench-results/<date>.json. The figures are for people: nothing is asserted.
// Options: --runs <number> (default 7, at least 5), --only engine,first,bytes,hub (hub, which takes minutes, only when
// named), --no-build (the app as it was built last).

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, release, type } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ensureInstalled } from "./install.mjs";

const ROOT = join(import.meta.dirname, "..");
const PARTS = ["engine", "first", "bytes"];
/** Moves 2 GB a round: measured when named, three rounds whatever --runs says. */
const HUB = "hub";
const HUB_ROUNDS = 3;

const { values: options } = parseArgs({
  options: {
    runs: { type: "string", default: "7" },
    only: { type: "string", default: PARTS.join(",") },
    build: { type: "boolean", default: true },
  },
  allowNegative: true,
});
const runs = Number(options.runs);
const only = options.only.split(",");
if (!Number.isInteger(runs) || runs < 5 || only.some((part) => ![...PARTS, HUB].includes(part))) {
  console.error(`--runs takes a whole number from 5, --only some of ${[...PARTS, HUB].join(",")}.`);
  process.exit(2);
}

ensureInstalled();
// Only now are Vite and Playwright sure to be there.
const { build, preview } = await import("vite");
const { chromium } = await import("@playwright/test");
const { BROWSER_ARGS, ensureBrowser } = await import("./browser.mjs");
const { bytesBeforeFirstToken } = await import("../tests/bench/bytes.mjs");
const { engineTimes } = await import("../tests/bench/engine.mjs");
const { hubFigures } = await import("../tests/bench/hub.mjs");
const { firstTokenTimes } = await import("../tests/bench/firstToken.mjs");
const report = await import("../tests/bench/report.mjs");

const BENCH_CONFIG = join(ROOT, "tests/bench/vite.config.ts");
const log = (/** @type {string} */ line) => console.error(`  ${line}`);

/** @param {string} [configFile] */
async function serve(configFile) {
  const server = await preview({ ...(configFile && { configFile }), logLevel: "warn" });
  const address = server.resolvedUrls?.local[0];
  if (address === undefined) throw new Error("The built page is served at no address.");
  return { address, close: () => server.close() };
}

function commit() {
  try {
    const git = (/** @type {string[]} */ ...args) =>
      execFileSync("git", args, { cwd: ROOT, encoding: "utf8", stdio: "pipe" }).trim();
    return git("rev-parse", "HEAD") + (git("status", "--porcelain") === "" ? "" : " with changes");
  } catch {
    return null; // no git, or not a clone
  }
}

log("building");
if (options.build) await build({ root: ROOT, logLevel: "warn" });
if (only.includes("engine")) await build({ configFile: BENCH_CONFIG, logLevel: "warn" });

const browser = await chromium.launch({
  executablePath: ensureBrowser(),
  args: [...BROWSER_ARGS.quiet, ...BROWSER_ARGS.softwareWebGpu],
});
/** @type {import("../tests/bench/report.mjs").Results} */
const results = {
  date: new Date().toISOString(),
  commit: commit(),
  machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, ${type()} ${release()}`,
  browser: `Chromium ${browser.version()}`,
  runs,
};
try {
  if (only.includes("engine")) {
    const { address, close } = await serve(BENCH_CONFIG);
    results.engine = await engineTimes(await browser.newContext(), address, runs, log);
    await close();
  }
  if (only.includes("first")) {
    const { address, close } = await serve();
    results.first = await firstTokenTimes(browser, address, runs, log);
    await close();
  }
} finally {
  await browser.close();
}
if (only.includes(HUB)) {
  const { address, close } = await serve();
  const args = [...BROWSER_ARGS.quiet, ...BROWSER_ARGS.softwareWebGpu];
  results.hub = await hubFigures(ensureBrowser(), args, address, HUB_ROUNDS, log);
  await close();
}
if (only.includes("bytes")) results.bytes = bytesBeforeFirstToken();

console.log(report.told(results));
const folder = join(ROOT, "bench-results");
const file = join(folder, `${results.date.replaceAll(":", "-")}.json`);
mkdirSync(folder, { recursive: true });
writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
console.log(`\nAll samples: ${file.slice(ROOT.length + 1)}`);
