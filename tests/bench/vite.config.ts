// Builds the benchmark's page with the plugins of the app's own build, and serves it with the app's headers.

import { join } from "node:path";
import { defineConfig } from "vite";
import { HEADERS } from "../../scripts/headers.mjs";
import { tfjsThreads, tfjsWasm } from "../../scripts/vite/tfjsWasm.ts";
import { tokenizerOnly } from "../../scripts/vite/tokenizerOnly.ts";

const ROOT = join(import.meta.dirname, "../..");

export default defineConfig({
  root: join(import.meta.dirname, "page"),
  base: "./",
  publicDir: join(ROOT, "public"),
  plugins: [tokenizerOnly(), tfjsWasm()],
  worker: { format: "es", plugins: () => [tokenizerOnly(), tfjsThreads()] },
  build: { target: "es2023", outDir: join(ROOT, ".cache/bench"), emptyOutDir: true },
  preview: { headers: HEADERS },
});
