// Builds sw.js beside index.html once everything else is written: the list of all files with their hashes, and the
// service worker's code, in one script.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { build, type Plugin } from "vite";

/** Not for readers: what debuggers ask for. */
const LEFT_OUT = /\.map$|^sw\.js$/;

const integrity = (bytes: Buffer): string =>
  `sha256-${createHash("sha256").update(bytes).digest("base64")}`;

function listFiles(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .filter((path) => !LEFT_OUT.test(path))
    .toSorted();
  return Object.fromEntries(
    paths.map((path) => [path, integrity(readFileSync(join(folder, path)))]),
  );
}

export function serviceWorker(): Plugin {
  return {
    name: "facet:service-worker",
    apply: "build",
    async closeBundle() {
      const { config } = this.environment;
      if (config.isWorker) return;
      const outDir = join(config.root, config.build.outDir);
      const files = listFiles(outDir);
      const version = createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 16);
      await build({
        configFile: false,
        root: config.root,
        publicDir: false,
        logLevel: "warn",
        define: { FACET_FILES: JSON.stringify(files), FACET_VERSION: JSON.stringify(version) },
        build: {
          outDir,
          emptyOutDir: false,
          target: "es2023",
          rolldownOptions: {
            input: join(config.root, "src/serviceWorker.ts"),
            output: { format: "iife", entryFileNames: "sw.js" },
          },
        },
      });
    },
  };
}
