// The repository's files, for policy tests. It asks no git: a machine may have none.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "../../..");

/** What .gitignore leaves out, and git's own folder. */
const LEFT_OUT =
  /^(\.git|node_modules|dist(-.*)?|\.cache|test-results|playwright-report|bench-results|.*\.log)$/;

/** Paths relative to the root, with forward slashes. */
export function repositoryFiles(folder = ""): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => !LEFT_OUT.test(entry.name))
    .flatMap((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? repositoryFiles(path) : path;
    });
}

export const readText = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** TypeScript of src/ by path relative to src/. */
export function sourceCode(): Map<string, string> {
  const paths = repositoryFiles("src").filter((path) => /\.tsx?$/.test(path));
  return new Map(paths.map((path) => [path.slice("src/".length), readText(path)]));
}
