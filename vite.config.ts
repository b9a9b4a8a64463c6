// The page's build: static files that work from any sub-path of any host.

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { HEADERS, ISOLATION_HEADERS } from "./scripts/headers.mjs";
import { contentSecurityPolicy } from "./scripts/vite/csp.ts";
import { tokenizerOnly } from "./scripts/vite/tokenizerOnly.ts";

export default defineConfig({
  base: "./",
  // A missing file is a 404, as on any static host, and never index.html.
  appType: "mpa",
  plugins: [react(), contentSecurityPolicy(), tokenizerOnly()],
  worker: { format: "es", plugins: () => [tokenizerOnly()] },
  build: {
    target: "es2023",
    // Read by the byte budget (scripts/budget.mjs), which follows imports from it.
    manifest: true,
    // Inlined files would count against the first paint and need `data:` in the Content-Security-Policy.
    assetsInlineLimit: 0,
    sourcemap: true,
  },
  server: { headers: ISOLATION_HEADERS },
  preview: { headers: HEADERS },
});
