// The page's build: static files that work from any sub-path of any host.

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { HEADERS, ISOLATION_HEADERS } from "./scripts/headers.mjs";
import { chunkGraph } from "./scripts/vite/chunkGraph.ts";
import { contentSecurityPolicy } from "./scripts/vite/csp.ts";
import { serviceWorker } from "./scripts/vite/serviceWorker.ts";
import { tfjsThreads, tfjsWasm } from "./scripts/vite/tfjsWasm.ts";

export default defineConfig({
  base: "./",
  // A missing file is a 404, as on any static host, and never index.html.
  appType: "mpa",
  plugins: [react(), tfjsWasm(), contentSecurityPolicy(), chunkGraph("page"), serviceWorker()],
  // A worker is a build of its own, with plugins of its own.
  worker: { format: "es", plugins: () => [tfjsThreads(), chunkGraph("worker")] },
  build: {
    target: "es2023",
    // Inlined files would count against the first paint and need `data:` in the Content-Security-Policy.
    assetsInlineLimit: 0,
    sourcemap: true,
    // One style sheet, with the page: one that comes with a place later, and fails once, is not asked for again.
    cssCodeSplit: false,
  },
  server: { headers: ISOLATION_HEADERS },
  preview: { headers: HEADERS },
});
