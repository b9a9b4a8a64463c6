// Makes sure that the packages of package-lock.json are installed; runs `npm ci` where they are not.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");

/**
 * Packages by folder, as a lock file lists them.
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function packagesIn(file) {
  const path = join(ROOT, file);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).packages : {};
}

/** Whether what npm last installed (it keeps a list in node_modules) is what the lock file asks for. */
function isInstalled() {
  const installed = packagesIn("node_modules/.package-lock.json");
  return Object.entries(packagesIn("package-lock.json"))
    .filter(([folder]) => folder !== "")
    .every(([folder, { version, optional }]) => {
      const there = installed[folder];
      // Optional packages are those of other platforms.
      return there === undefined ? optional === true : there.version === version;
    });
}

/** An error says why Facet cannot be built here: Node is too old, or `npm ci` failed. */
export function ensureInstalled() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`Facet needs Node 20.19 or later; this is ${process.versions.node}.`);
  }
  if (isInstalled()) return;
  console.log("Installing packages (npm ci)…");
  const { status } = spawnSync("npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  if (status !== 0) {
    throw new Error(
      "Installing packages: npm ci failed, and says why above. It needs the npm registry.",
    );
  }
}
