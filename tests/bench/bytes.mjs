// The JavaScript that a reader downloads before the first coloured token, as the byte budget computes it.

import { spawnSync } from "node:child_process";
import { join } from "node:path";

const BUDGET = join(import.meta.dirname, "../../scripts/budget.mjs");

/** @returns {{ path: string, kb: number }[]} KB of 1000 bytes, gzipped */
export function bytesBeforeFirstToken() {
  const { stdout, stderr } = spawnSync(process.execPath, [BUDGET], { encoding: "utf8" });
  const paths = [...stdout.matchAll(/^(\S+): ([\d.]+) of [\d.]+ KB/gm)].map(
    ([, path = "", kb = ""]) => ({ path, kb: Number(kb) }),
  );
  if (paths.length === 0) throw new Error(`The byte budget gave no figures: ${stderr}`);
  return paths;
}
