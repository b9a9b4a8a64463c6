// Finds the browsers of two other engines that the built page is tested in: Firefox, whose WebGPU is wgpu on Mesa's
// software Vulkan driver (lavapipe), and WebKitGTK's WebDriver with a display of its own. Chromium is scripts/browser.mjs'.
// It starts nothing, except `apt-get` where `installEngines` finds something missing.

import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chosenProgram, installWithApt, onPath } from "./programs.mjs";

/**
 * @typedef {object} Firefox
 * @property {string} executable
 * @property {Record<string, string>} env of its process: where its Vulkan driver is
 */
/**
 * @typedef {object} WebKit
 * @property {string} driver WebKitWebDriver, which starts the MiniBrowser of its own package
 * @property {string} display Xvfb, which gives it a display
 */

const ADVICE = {
  firefox:
    "Set FACET_FIREFOX to the path of a Firefox, or install one (Debian: apt-get install firefox-esr).",
  lavapipe:
    "Set FACET_LAVAPIPE to the path of Mesa's lvp_icd.json, or install it " +
    "(Debian: apt-get install mesa-vulkan-drivers).",
  webkit:
    "Set FACET_WEBKIT to the path of a WebKitWebDriver, or install it " +
    "(Debian: apt-get install webkit2gtk-driver); WebKitGTK runs on Linux.",
  display: "Put an Xvfb on the PATH (Debian: apt-get install xvfb).",
};

/** Where Vulkan's loader looks for the drivers of packages, unless XDG_DATA_DIRS says otherwise. */
const SHARED = ["/usr/local/share", "/usr/share"].join(delimiter);

/** @type {Record<keyof typeof ADVICE, () => string | null>} */
const find = {
  firefox: () =>
    chosenProgram("FACET_FIREFOX", ADVICE.firefox) ?? onPath(["firefox-esr", "firefox"])[0] ?? null,
  lavapipe() {
    const chosen = process.env["FACET_LAVAPIPE"];
    if (chosen) return chosen;
    const folders = (process.env["XDG_DATA_DIRS"] || SHARED)
      .split(delimiter)
      .map((share) => join(share, "vulkan/icd.d"));
    const drivers = folders
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
    // lvp_icd.json, or with the processor in its name.
    return drivers.find((path) => /\/lvp_icd[^/]*\.json$/.test(path)) ?? null;
  },
  webkit: () =>
    chosenProgram("FACET_WEBKIT", ADVICE.webkit) ?? onPath(["WebKitWebDriver"])[0] ?? null,
  display: () => onPath(["Xvfb"])[0] ?? null,
};

/** @type {Record<keyof typeof ADVICE, readonly string[]>} */
const PACKAGES = {
  firefox: ["firefox-esr"],
  lavapipe: ["mesa-vulkan-drivers"],
  webkit: ["webkit2gtk-driver"],
  display: ["xvfb"],
};

/** Installs what is missing, where apt-get can. What is missing then still is named by whoever asks for it. */
export function installEngines() {
  const parts = /** @type {(keyof typeof ADVICE)[]} */ (Object.keys(PACKAGES));
  const missing = parts.filter((part) => find[part]() === null);
  if (missing.length > 0) installWithApt(missing.flatMap((part) => PACKAGES[part]));
}

/** @param {keyof typeof ADVICE} part */
function found(part) {
  const path = find[part]();
  if (path !== null) return path;
  throw new Error(`Looking for the browsers to test in: no ${part}. ${ADVICE[part]}`);
}

/**
 * Off Linux, Firefox has the system's own WebGPU.
 * @returns {Firefox}
 */
export function firefox() {
  const executable = found("firefox");
  const env = process.platform === "linux" ? { VK_ICD_FILENAMES: found("lavapipe") } : {};
  return { executable, env };
}

/** @returns {WebKit} */
export function webKit() {
  return { driver: found("webkit"), display: found("display") };
}
