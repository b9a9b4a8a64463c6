// Finds the Chromium that tests and benchmarks run in (scripts/engines.mjs finds the other engines), and the software Vulkan driver that ships beside it.
// It starts nothing, except `apt-get` when `ensureBrowser` finds no browser at all.

import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { chromium } from "@playwright/test";
import { chosenProgram, installWithApt, isExecutable, onPath } from "./programs.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/** Folders of distribution packages, whose command on the PATH is a wrapper script elsewhere. */
const PACKAGE_FOLDERS = ["/usr/lib/chromium", "/usr/lib/chromium-browser", "/opt/google/chrome"];

const ICD = "vk_swiftshader_icd.json";

const ADVICE =
  "Set FACET_CHROMIUM to the path of a Chrome or Chromium, or install one " +
  "(Debian: apt-get install chromium; elsewhere: npx playwright install chromium).";

/** How tests and benchmarks start the browser. */
export const BROWSER_ARGS = {
  /** Nothing that reaches the network by itself; no sandbox, because containers have none to give. */
  quiet: [
    "--headless=new",
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
  ],
  softwareWebGpu: ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"],
  noWebGpu: ["--disable-features=WebGPU,WebGPUService"],
};

/**
 * The browser to use, or null: FACET_CHROMIUM, then the PATH, then the one Playwright downloaded.
 * @returns {string | null}
 */
export function findBrowser() {
  const chosen = chosenProgram("FACET_CHROMIUM", ADVICE);
  if (chosen !== null) return chosen;
  return [...onPath(NAMES), chromium.executablePath()].find(isExecutable) ?? null;
}

/**
 * The browser to use; installed where there is none and apt-get can, else an error that says what to do.
 * @returns {string}
 */
export function ensureBrowser() {
  const found = findBrowser();
  if (found !== null) return found;
  installWithApt(["chromium"]);
  const installed = findBrowser();
  if (installed !== null) return installed;
  throw new Error(`Looking for a browser to test in: none found. ${ADVICE}`);
}

/**
 * Environment variables under which Dawn (npm `webgpu`) in Node finds the SwiftShader of the browser. Empty where a
 * driver is named already (VK_ICD_FILENAMES or VK_DRIVER_FILES: a real GPU) and where Dawn does not run on Vulkan.
 * @returns {Record<string, string>}
 */
export function softwareVulkan() {
  const { VK_ICD_FILENAMES, VK_DRIVER_FILES, LD_LIBRARY_PATH } = process.env;
  if (process.platform !== "linux" || VK_ICD_FILENAMES || VK_DRIVER_FILES) return {};
  const browser = ensureBrowser();
  const folder = [dirname(realpathSync(browser)), ...PACKAGE_FOLDERS].find((candidate) =>
    existsSync(join(candidate, ICD)),
  );
  if (folder === undefined) {
    throw new Error(
      `Looking for a Vulkan driver for the GPU tests: there is no ${ICD} beside ${browser}. ` +
        "Set VK_ICD_FILENAMES to a driver's .json file (that of a real GPU, or one that ships with Chromium) and " +
        "LD_LIBRARY_PATH to the folder of libvulkan.so.1, or FACET_CHROMIUM to another browser.",
    );
  }
  return {
    VK_ICD_FILENAMES: join(folder, ICD),
    LD_LIBRARY_PATH: [folder, LD_LIBRARY_PATH].filter(Boolean).join(delimiter),
  };
}
