// `npm test`: installs what is missing and runs everything, in order, to the end; its last line says `N passed, N failed`.
// Options: --only <name>[,<name>] runs those parts alone (`npm test -- --only unit`), --full runs what is tagged full too.
// A check counts as one; of Vitest and Playwright every test counts.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ensureInstalled } from "./install.mjs";

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */

const ROOT = join(import.meta.dirname, "..");
const RESULTS = join(ROOT, ".cache/test");
/** A part that hangs is stopped, and counts as a failure. */
const MINUTES = 40;

const { values: options } = parseArgs({
  options: { only: { type: "string" }, full: { type: "boolean", default: false } },
});

/** @type {readonly { name: string, run: () => Count }[]} */
const PARTS = [
  {
    name: "types",
    run: () =>
      checks(["core", "page", "node"].map((part) => ["tsc", "-p", `tsconfig.${part}.json`])),
  },
  { name: "lint", run: () => checks([["oxlint", "--deny-warnings"]]) },
  { name: "format", run: () => checks([["oxfmt", "--check"]]) },
  {
    name: "knip",
    run: () => checks([["knip", "--no-progress", "--treat-config-hints-as-errors"]]),
  },
  { name: "unit", run: () => vitest("unit") },
  { name: "hub", run: () => vitest("hub") },
  { name: "gpu", run: () => vitest("gpu") },
  ...(options.full ? [{ name: "full", run: () => vitest("full") }] : []),
  { name: "build", run: () => checks([["vite", "build", "--logLevel", "warn"]]) },
  { name: "budget", run: () => checks([["node", "scripts/budget.mjs"]]) },
  { name: "browser", run: playwright },
  { name: "engines", run: () => vitest("engines") },
];

/**
 * Runs a program of node_modules/.bin (or on the PATH) to its end; whether it succeeded.
 * @param {readonly string[]} command
 * @param {Record<string, string>} [env]
 */
function succeeds([program = "", ...args], env = {}) {
  const { status, error } = spawnSync(program, args, {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
    timeout: MINUTES * 60_000 * (options.full ? 6 : 1),
    killSignal: "SIGKILL",
    env: {
      ...process.env,
      ...(options.full ? { FACET_FULL: "1" } : {}),
      ...env,
      PATH: [join(ROOT, "node_modules/.bin"), process.env["PATH"]].join(
        process.platform === "win32" ? ";" : ":",
      ),
    },
    shell: process.platform === "win32",
  });
  if (error !== undefined) console.error(`${program}: ${error.message}`);
  return status === 0;
}

/**
 * @param {readonly (readonly string[])[]} commands
 * @returns {Count}
 */
function checks(commands) {
  const passed = commands.filter((command) => succeeds(command)).length;
  return { passed, failed: commands.length - passed, skipped: 0 };
}

/**
 * Where a suite writes its JSON report; what an earlier run left there is removed.
 * @param {string} name
 */
function reportFile(name) {
  mkdirSync(RESULTS, { recursive: true });
  const file = join(RESULTS, `${name}.json`);
  rmSync(file, { force: true });
  return file;
}

/**
 * What a suite counted. One that ended badly with no test to blame (a crash, a file that does not load) has failed once.
 * @param {string} file
 * @param {boolean} ok
 * @param {(report: any) => Count} read
 * @returns {Count}
 */
function suite(file, ok, read) {
  const count = existsSync(file)
    ? read(JSON.parse(readFileSync(file, "utf8")))
    : { passed: 0, failed: 0, skipped: 0 };
  // The full run leaves nothing out: there a skipped test is a failure.
  if (options.full) return { ...count, failed: Math.max(count.failed + count.skipped, ok ? 0 : 1) };
  return { ...count, failed: Math.max(count.failed, ok ? 0 : 1) };
}

/**
 * @param {string} project
 * @returns {Count}
 */
function vitest(project) {
  const file = reportFile(project);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const ok = succeeds(["vitest", "run", "--project", project, ...reporters]);
  return suite(file, ok, (report) => ({
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  }));
}

/** @returns {Count} */
function playwright() {
  const file = reportFile("browser");
  const ok = succeeds(["playwright", "test", "--reporter=list,json"], {
    PLAYWRIGHT_JSON_OUTPUT_FILE: file,
  });
  return suite(file, ok, ({ stats }) => ({
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
  }));
}

const only = options.only?.split(",");
const unknown = only?.filter((name) => !PARTS.some((part) => part.name === name)) ?? [];
if (unknown.length > 0) {
  console.error(
    `No part is named ${unknown.join(", ")}; there are ${PARTS.map(({ name }) => name).join(", ")}.`,
  );
  process.exit(2);
}

/** Installing is no test: it counts only where it fails, and then nothing else can run. */
function install() {
  try {
    ensureInstalled();
    return true;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return false;
  }
}

const results = install()
  ? PARTS.filter(({ name }) => only?.includes(name) ?? true).map(({ name, run }) => {
      console.log(`\n== ${name}`);
      const start = performance.now();
      return { name, ...run(), seconds: (performance.now() - start) / 1000 };
    })
  : [{ name: "install", passed: 0, failed: 1, skipped: 0, seconds: 0 }];

console.log("");
for (const { name, passed, failed, skipped, seconds } of results) {
  const left = skipped > 0 ? `, ${skipped} left to npm run test:full` : "";
  console.log(
    `${name.padEnd(8)} ${passed} passed, ${failed} failed${left} (${seconds.toFixed(0)} s)`,
  );
}
/** @param {"passed" | "failed"} key */
const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
process.exitCode = total("failed") > 0 || total("passed") === 0 ? 1 : 0;
console.log(`${total("passed")} passed, ${total("failed")} failed`);
