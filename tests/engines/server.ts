// The built page as `npm start` serves it, from a sub-path as some hosts do; it can be stopped as if the network were gone.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { repository } from "../support/files.ts";

export interface Server {
  readonly address: string;
  stop(): Promise<void>;
}

const BASE = "/some/sub/path/";

export async function serveBuild(): Promise<Server> {
  if (!existsSync(repository("dist/index.html"))) {
    throw new Error("Serving the built page: there is none in dist/. Run `npm run build`.");
  }
  const child = spawn(
    process.execPath,
    [repository("scripts/start.mjs"), "--no-build", "--base", BASE],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const end = (): void => void child.kill("SIGKILL");
  process.once("exit", end);
  return {
    address: await told(child),
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once("close", () => resolve());
        end();
      }),
  };
}

/** The address that it prints once it answers there. */
function told(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    child.stdout?.on("data", (bytes: Buffer) => {
      output += bytes.toString();
      const address = /Facet is at (\S+)/.exec(output)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.once("close", () => reject(new Error(`Serving the built page: it ended. ${output}`)));
    child.once("error", reject);
  });
}
