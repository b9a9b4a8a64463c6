// Builds the benchmark's page with the plugins of the app's own build, and serves it with the app's headers.

import { join } from "node:path";
import { defineConfig } from "vite";
import { HEADERS } from "../../scripts/headers.mjs";
import { tfjsThreads, tfjsWasm } from "../../scripts/vite/tfjsWasm.ts";

const ROOT = join(import.meta.dirname, "../..");

export default defineConfig({
  root: join(import.meta.dirname, "page"),
  base: "./",
  publicDir: join(ROOT, "public"),
  plugins: [tfjsWasm()],
  worker: { format: "es", plugins: () => [tfjsThreads()] },
  build: { target: "es2023", outDir: join(ROOT, ".cache/bench"), emptyOutDir: true },
  preview: { headers: HEADERS },
});
