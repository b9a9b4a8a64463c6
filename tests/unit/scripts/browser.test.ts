// The order in which tests look for a browser, in folders that hold stand-ins for it and for apt-get.

import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { standIns } from "./standIns.ts";

const { path, program, call } = standIns("browser.mjs");

test("FACET_CHROMIUM comes first", () => {
  program("bin/chromium");
  const mine = program("mine");
  expect(call("ensureBrowser", { FACET_CHROMIUM: mine })).toBe(mine);
});

test("a FACET_CHROMIUM that is not there is an error, not a reason to look elsewhere", () => {
  program("bin/chromium");
  expect(call("ensureBrowser", { FACET_CHROMIUM: "/nowhere/chromium" })).toMatch(
    /FACET_CHROMIUM is \/nowhere\/chromium, which is no executable file/,
  );
});

test.each(["chromium", "chromium-browser", "google-chrome"])("%s is found on the PATH", (name) => {
  const browser = program(`bin/${name}`);
  expect(call("ensureBrowser")).toBe(browser);
});

test("else apt-get installs chromium", () => {
  const log = path("log");
  const chromium = path("bin/chromium");
  // Stands in for apt-get as root, and for sudo before it.
  const install = `#!/bin/sh\necho "$@" >> ${log}\ncase "$*" in *install*) printf '#!/bin/sh\\n' > ${chromium}; /bin/chmod +x ${chromium};; esac\n`;
  program("bin/apt-get", install);
  program("bin/sudo", install);
  expect(call("ensureBrowser")).toBe(chromium);
  const [update = "", installed = ""] = readFileSync(log, "utf8").split("\n");
  expect(update).toMatch(/update$/);
  expect(installed).toMatch(/install .*chromium$/);
});

test("where apt-get fails, and where there is none, the message says what to do", () => {
  expect(call("ensureBrowser")).toMatch(/none found\. Set FACET_CHROMIUM/);
  program("bin/apt-get", "#!/bin/sh\nexit 100\n");
  program("bin/sudo", "#!/bin/sh\nexit 1\n");
  expect(call("ensureBrowser")).toMatch(/none found\. Set FACET_CHROMIUM/);
});

test("on Linux the driver is the one beside the browser", () => {
  program("bin/chromium");
  const icd = path("bin/vk_swiftshader_icd.json");
  writeFileSync(icd, "{}");
  expect(call("softwareVulkan")).toEqual(
    process.platform === "linux" ? { VK_ICD_FILENAMES: icd, LD_LIBRARY_PATH: path("bin") } : {},
  );
});

test("a driver that is named already is left alone", () => {
  expect(call("softwareVulkan", { VK_ICD_FILENAMES: "/etc/vulkan/real.json" })).toEqual({});
});
