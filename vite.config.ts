// The page's build: static files that work from any sub-path of any host.

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  plugins: [react()],
  worker: { format: "es" },
  build: {
    target: "es2023",
    // Read by the byte budget (scripts/budget.mjs), which follows imports from it.
    manifest: true,
    // Inlined files would count against the first paint and need `data:` in the Content-Security-Policy.
    assetsInlineLimit: 0,
    sourcemap: true,
  },
});
