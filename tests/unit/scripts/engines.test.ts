// Where tests look for Firefox, its Vulkan driver and WebKit, in folders that hold stand-ins for them and for apt-get.

import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { standIns } from "./standIns.ts";

const { path, program, call } = standIns("engines.mjs");

/** Elsewhere Firefox has the system's own WebGPU. */
const driverEnv = (icd: string): Record<string, string> =>
  process.platform === "linux" ? { VK_ICD_FILENAMES: icd } : {};

test("FACET_FIREFOX, FACET_LAVAPIPE and FACET_WEBKIT come first", () => {
  program("bin/firefox-esr");
  program("bin/WebKitWebDriver");
  const display = program("bin/Xvfb");
  const env = {
    FACET_FIREFOX: program("mine"),
    FACET_LAVAPIPE: "/mine/lvp_icd.json",
    FACET_WEBKIT: program("driver"),
  };
  expect(call("firefox", env)).toEqual({
    executable: path("mine"),
    env: driverEnv("/mine/lvp_icd.json"),
  });
  expect(call("webKit", env)).toEqual({ driver: path("driver"), display });
  expect(call("firefox", { ...env, FACET_FIREFOX: "/nowhere/firefox" })).toMatch(
    /FACET_FIREFOX is \/nowhere\/firefox, which is no executable file/,
  );
});

test("what is there is found, and nothing installed", () => {
  const apt = `#!/bin/sh\n: > ${path("installed")}\n`;
  for (const name of ["apt-get", "sudo"]) program(`bin/${name}`, apt);
  const executable = program("bin/firefox");
  const icd = program("share/vulkan/icd.d/lvp_icd.x86_64.json", "{}");
  program("share/vulkan/icd.d/intel_icd.x86_64.json", "{}");
  const driver = program("bin/WebKitWebDriver");
  const display = program("bin/Xvfb");
  expect(call("installEngines")).toBeNull();
  expect(existsSync(path("installed"))).toBe(false);
  expect(call("firefox")).toEqual({ executable, env: driverEnv(icd) });
  expect(call("webKit")).toEqual({ driver, display });
});

test("what is missing is installed at once", () => {
  const log = path("log");
  for (const name of ["apt-get", "sudo"]) {
    program(`bin/${name}`, `#!/bin/sh\necho "$@" >> ${log}\n`);
  }
  program("bin/firefox");
  call("installEngines");
  const [update = "", installed = ""] = readFileSync(log, "utf8").split("\n");
  expect(update).toMatch(/update$/);
  expect(installed).toMatch(/install .*mesa-vulkan-drivers webkit2gtk-driver xvfb$/);
});

test("what is missing still is named, with what to do", () => {
  expect(call("firefox")).toMatch(/no firefox\. Set FACET_FIREFOX/);
  expect(call("webKit")).toMatch(/no webkit\. Set FACET_WEBKIT/);
  program("bin/WebKitWebDriver");
  expect(call("webKit")).toMatch(/no display\. Put an Xvfb/);
});
