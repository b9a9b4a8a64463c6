// Finds programs on the PATH and installs Debian packages, for the scripts that look for browsers. It knows no browser.

import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** @param {string} path */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Files of these names in the folders of the PATH, best name first.
 * @param {readonly string[]} names
 */
export function onPath(names) {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).filter(isExecutable);
}

/**
 * The program that an environment variable names, or null where it is not set.
 * @param {string} variable
 * @param {string} advice what to do where it names none
 */
export function chosenProgram(variable, advice) {
  const chosen = process.env[variable];
  if (chosen === undefined || chosen === "") return null;
  if (isExecutable(chosen)) return chosen;
  throw new Error(`${variable} is ${chosen}, which is no executable file. ${advice}`);
}

/**
 * `apt-get install`, as root or with a sudo that asks for no password; nothing where there is no apt-get. Its output
 * goes to stderr. Whether it worked shows when what was missing is looked for again.
 * @param {readonly string[]} packages
 */
export function installWithApt(packages) {
  if (onPath(["apt-get"]).length === 0) return;
  console.error(`Installing ${packages.join(", ")} with apt-get.`);
  /** @param {string[]} command */
  const run = ([program = "", ...args]) =>
    spawnSync(program, args, {
      stdio: ["ignore", 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    }).status === 0;
  const apt = [...(process.getuid?.() === 0 ? [] : ["sudo", "--non-interactive"]), "apt-get"];
  if (!run([...apt, "update"])) return;
  run([...apt, "install", "--yes", "--no-install-recommends", ...packages]);
}
