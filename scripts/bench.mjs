// `npm run bench`: builds the app and the benchmark's page, measures both in the browser, prints tables and writes
// bench-results/<date>.json. `-- --node` runs the kernels in Node instead, on the GPU that VK_ICD_FILENAMES names (without
// it, the browser's software one). The figures are for people: nothing is asserted.
// Options: --runs <number> (default 7, at least 5); --only ops,jobs,edits,first,bytes,views,typing,hub,scan (hub and scan, which
// take minutes, only when named; Node has ops and jobs); --tokens 1,16,64,256 and --operations encode,decode (of ops);
// --no-peers; --no-build (the app as it was built last).

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, release, type } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ensureInstalled } from "./install.mjs";

const ROOT = join(import.meta.dirname, "..");
const PARTS = ["ops", "jobs", "edits", "first", "bytes", "views", "typing"];
const NODE_PARTS = ["ops", "jobs"];
/** Moves 2 GB a round: measured when named, three rounds whatever --runs says. */
const HUB = "hub";
const HUB_ROUNDS = 3;
/** Runs for minutes too: once and eight times a text, whatever --runs says. */
const SCAN = "scan";

const { values: options } = parseArgs({
  options: {
    node: { type: "boolean", default: false },
    runs: { type: "string", default: "7" },
    only: { type: "string" },
    tokens: { type: "string", default: "1,16,64,256" },
    operations: { type: "string" },
    peers: { type: "boolean", default: true },
    build: { type: "boolean", default: true },
  },
  allowNegative: true,
});
const runs = Number(options.runs);
const parts = options.node ? NODE_PARTS : [...PARTS, HUB, SCAN];
const only = options.only?.split(",") ?? (options.node ? NODE_PARTS : PARTS);
const tokens = options.tokens.split(",").map(Number);
if (
  !Number.isInteger(runs) ||
  runs < 5 ||
  only.some((part) => !parts.includes(part)) ||
  tokens.some((count) => !Number.isInteger(count) || count < 1)
) {
  console.error(
    `--runs takes a whole number from 5, --only some of ${parts.join(",")}, --tokens whole numbers.`,
  );
  process.exit(2);
}

ensureInstalled();
// Only now are Vite and Playwright sure to be there.
const { BROWSER_ARGS, ensureBrowser, softwareVulkan } = await import("./browser.mjs");
if (options.node) {
  const driver = softwareVulkan();
  if (Object.keys(driver).length > 0) {
    // The loader reads LD_LIBRARY_PATH only when a process starts.
    const again = spawnSync(process.execPath, process.argv.slice(1), {
      stdio: "inherit",
      env: { ...process.env, ...driver },
    });
    process.exit(again.status ?? 1);
  }
}
const report = await import("../tests/bench/report.mjs");

const BENCH_CONFIG = join(ROOT, "tests/bench/vite.config.ts");
const log = (/** @type {string} */ line) => console.error(`  ${line}`);

function commit() {
  try {
    const git = (/** @type {string[]} */ ...args) =>
      execFileSync("git", args, { cwd: ROOT, encoding: "utf8", stdio: "pipe" }).trim();
    return git("rev-parse", "HEAD") + (git("status", "--porcelain") === "" ? "" : " with changes");
  } catch {
    return null; // no git, or not a clone
  }
}

/** @type {import("../tests/bench/report.mjs").Results} */
const results = {
  date: new Date().toISOString(),
  commit: commit(),
  machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, ${type()} ${release()}`,
  place: `Node ${process.version}`,
  runs,
};
const ofOperations = {
  runs,
  tokens,
  peers: options.peers,
  names: options.operations?.split(",") ?? null,
};

await (options.node ? measureInNode() : measureInBrowser());

console.log(report.told(results));
const folder = join(ROOT, "bench-results");
const file = join(folder, `${results.date.replaceAll(":", "-")}.json`);
mkdirSync(folder, { recursive: true });
writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
console.log(`\nAll samples: ${file.slice(ROOT.length + 1)}`);
// Dawn's threads would keep the process.
if (options.node) process.exit();

async function measureInNode() {
  const { inNode } = await import("../tests/bench/places.mjs");
  const { operationTimes } = await import("../tests/bench/operations.mjs");
  const { jobTimes } = await import("../tests/bench/jobs.mjs");
  const place = await inNode();
  if (only.includes("ops")) results.ops = await operationTimes(place, ofOperations, log);
  if (only.includes("jobs")) results.jobs = await jobTimes(place, runs, log);
  await place.close();
}

async function measureInBrowser() {
  const { build, preview } = await import("vite");
  const { chromium } = await import("@playwright/test");
  /** @param {string} [configFile] */
  const serve = async (configFile) => {
    const server = await preview({ ...(configFile && { configFile }), logLevel: "warn" });
    const address = server.resolvedUrls?.local[0];
    if (address === undefined) throw new Error("The built page is served at no address.");
    return { address, close: () => server.close() };
  };

  log("building");
  const own = new Set(["ops", "jobs", "edits", "views"]);
  const needsApp = only.some((part) => !own.has(part) && part !== SCAN);
  if (options.build && needsApp) await build({ root: ROOT, logLevel: "warn" });
  if (only.some((part) => own.has(part) && part !== "views")) {
    await build({ configFile: BENCH_CONFIG, logLevel: "warn" });
  }

  const args = [...BROWSER_ARGS.quiet, ...BROWSER_ARGS.softwareWebGpu];
  const browser = await chromium.launch({ executablePath: ensureBrowser(), args });
  results.place = `Chromium ${browser.version()}`;
  try {
    if (only.includes("ops")) {
      const { inChromium } = await import("../tests/bench/places.mjs");
      const { operationTimes } = await import("../tests/bench/operations.mjs");
      const { address, close } = await serve(BENCH_CONFIG);
      const place = await inChromium(await browser.newContext(), address);
      results.ops = await operationTimes(place, ofOperations, log);
      await place.close();
      await close();
    }
    if (only.includes("jobs")) {
      const { inChromium } = await import("../tests/bench/places.mjs");
      const { jobTimes } = await import("../tests/bench/jobs.mjs");
      const { address, close } = await serve(BENCH_CONFIG);
      const place = await inChromium(await browser.newContext(), address);
      results.jobs = await jobTimes(place, runs, log);
      await place.close();
      await close();
    }
    if (only.includes("edits")) {
      const { editTimes } = await import("../tests/bench/edits.mjs");
      const { address, close } = await serve(BENCH_CONFIG);
      results.edits = await editTimes(await browser.newContext(), address, runs, log);
      await close();
    }
    if (only.includes("views")) {
      const { viewTimes } = await import("../tests/bench/table.mjs");
      results.views = await viewTimes(browser, runs, log);
    }
    if (only.includes("first")) {
      const { firstTokenTimes } = await import("../tests/bench/firstToken.mjs");
      const { address, close } = await serve();
      results.first = await firstTokenTimes(browser, address, runs, log);
      await close();
    }
    if (only.includes("typing")) {
      const { typingTimes } = await import("../tests/bench/typing.mjs");
      const { address, close } = await serve();
      results.typing = await typingTimes(browser, address, runs, log);
      await close();
    }
  } finally {
    await browser.close();
  }
  if (only.includes(HUB)) {
    const { hubFigures } = await import("../tests/bench/hub.mjs");
    const { address, close } = await serve();
    results.hub = await hubFigures(ensureBrowser(), args, address, HUB_ROUNDS, log);
    await close();
  }
  if (only.includes(SCAN)) {
    const { scanFigures } = await import("../tests/bench/scan.mjs");
    results.scan = await scanFigures(log);
  }
  if (only.includes("bytes")) {
    const { bytesBeforeFirstToken } = await import("../tests/bench/bytes.mjs");
    results.bytes = bytesBeforeFirstToken();
  }
}
