// Writes what the build is made of, for the byte budget (scripts/budget.mjs): its chunks, what they import and which
// modules they hold. Vite's own manifest leaves the worker out, which is where most of the code is.

import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import type { Plugin } from "vite";

const GRAPH_FOLDER = ".cache/build";

/** Of the page, or of a worker: each is a build of its own, and a worker's is called by the folder of its entry. */
export function chunkGraph(part: "page" | "worker"): Plugin {
  return {
    name: "facet:chunk-graph",
    apply: "build",
    generateBundle(_options, bundle) {
      const { root } = this.environment.config;
      const local = (id: string): string => relative(root, id).replaceAll("\\", "/");
      const chunks = Object.values(bundle).flatMap((chunk) =>
        chunk.type === "chunk"
          ? {
              file: chunk.fileName,
              entry: chunk.isEntry,
              /** The module that a dynamic import of this chunk names. */
              module: chunk.facadeModuleId === null ? null : local(chunk.facadeModuleId),
              imports: chunk.imports,
              dynamicImports: chunk.dynamicImports,
              modules: Object.keys(chunk.modules).map(local),
            }
          : [],
      );
      const entry = chunks.find((chunk) => chunk.entry)?.module ?? null;
      const name = part === "worker" && entry !== null ? basename(dirname(entry)) : part;
      mkdirSync(join(root, GRAPH_FOLDER), { recursive: true });
      writeFileSync(join(root, GRAPH_FOLDER, `${name}.json`), JSON.stringify(chunks, null, 1));
    },
  };
}
