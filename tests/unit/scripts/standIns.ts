// A folder of stand-ins for browsers and for apt-get, and functions of the scripts called where nothing else is on the PATH.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach } from "vitest";

export interface StandIns {
  /** The path of a name in this test's folder; `bin` is the PATH, `share` what packages share. */
  readonly path: (name: string) => string;
  /** Writes an executable file of that name; its path. */
  readonly program: (name: string, script?: string) => string;
  /** What a function of the script returns, or its error's message. */
  readonly call: (name: string, env?: Record<string, string>) => unknown;
}

/** @param script of scripts/ */
export function standIns(script: string): StandIns {
  const address = pathToFileURL(join(import.meta.dirname, "../../../scripts", script)).href;
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "facet-browser-"));
    mkdirSync(join(folder, "bin"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const path = (name: string): string => join(folder, name);
  return {
    path,
    program(name, text = "#!/bin/sh\n") {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), text);
      chmodSync(path(name), 0o755);
      return path(name);
    },
    call(name, env = {}) {
      const code = `const script = await import(${JSON.stringify(address)});
        try { console.log(JSON.stringify(script.${name}() ?? null)); } catch (error) { console.log(error.message); }`;
      const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
        encoding: "utf8",
        // Nothing of this machine's own: no browser on the PATH, none that Playwright downloaded, no shared drivers.
        env: {
          PATH: path("bin"),
          PLAYWRIGHT_BROWSERS_PATH: path("none"),
          XDG_DATA_DIRS: path("share"),
          ...env,
        },
      });
      const [line = ""] = stdout.trim().split("\n");
      if (line === "") throw new Error(stderr);
      return /^["{[]|^null$/.test(line) ? (JSON.parse(line) as unknown) : line;
    },
  };
}
