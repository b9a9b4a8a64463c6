// Runs the app's modules in Node, which reads no TypeScript before version 22: through Vite's module runner, with the
// app's own plugins.

import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");

/**
 * @template T
 * @param {string} path of a module, from the repository's root
 * @returns {Promise<{ module: T, close: () => Promise<void> }>}
 */
export async function loadModule(path) {
  const { createServer } = await import("vite");
  // It serves nothing.
  const vite = await createServer({
    configFile: join(ROOT, "vite.config.ts"),
    logLevel: "warn",
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
  const module = /** @type {T} */ (await vite.ssrLoadModule(join(ROOT, path)));
  return { module, close: () => vite.close() };
}
