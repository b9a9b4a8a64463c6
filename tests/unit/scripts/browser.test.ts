// The order in which tests look for a browser, in folders that hold stand-ins for it and for apt-get.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const SCRIPT = pathToFileURL(join(import.meta.dirname, "../../../scripts/browser.mjs")).href;
/** Prints what a function of the script returns, or its error's message. */
const CALL = (name: string): string =>
  `const script = await import(${JSON.stringify(SCRIPT)});
   try { console.log(JSON.stringify(script.${name}())); } catch (error) { console.log(error.message); }`;

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "facet-browser-"));
  mkdirSync(join(folder, "bin"));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** An executable file of that path in the folder; returns its path. */
function program(path: string, script = "#!/bin/sh\n"): string {
  writeFileSync(join(folder, path), script);
  chmodSync(join(folder, path), 0o755);
  return join(folder, path);
}

function call(name: string, env: Record<string, string> = {}): unknown {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", CALL(name)],
    {
      encoding: "utf8",
      // Nothing of this machine's own: no browser on the PATH, none that Playwright downloaded.
      env: { PATH: join(folder, "bin"), PLAYWRIGHT_BROWSERS_PATH: join(folder, "none"), ...env },
    },
  );
  const [line = ""] = stdout.trim().split("\n");
  if (line === "") throw new Error(stderr);
  return line.startsWith('"') || line.startsWith("{") ? JSON.parse(line) : line;
}

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
  const log = join(folder, "log");
  const chromium = join(folder, "bin/chromium");
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
  const icd = join(folder, "bin/vk_swiftshader_icd.json");
  writeFileSync(icd, "{}");
  expect(call("softwareVulkan")).toEqual(
    process.platform === "linux"
      ? { VK_ICD_FILENAMES: icd, LD_LIBRARY_PATH: join(folder, "bin") }
      : {},
  );
});

test("a driver that is named already is left alone", () => {
  expect(call("softwareVulkan", { VK_ICD_FILENAMES: "/etc/vulkan/real.json" })).toEqual({});
});
