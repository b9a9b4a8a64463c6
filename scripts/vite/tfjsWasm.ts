// Serves TensorFlow.js' .wasm files from the app itself, under assets/tfjs/, in the build and by the dev server.
// Left to itself the package would load them from a CDN. The threaded file is left out: Facet runs one thread.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

const FOLDER = "assets/tfjs/";
const FILES = ["tfjs-backend-wasm.wasm", "tfjs-backend-wasm-simd.wasm"];

const packageFolder = dirname(
  createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm/package.json"),
);
const bytesOf = (name: string): Buffer => readFileSync(join(packageFolder, "dist", name));

export function tfjsWasm(): Plugin {
  return {
    name: "facet:tfjs-wasm",
    generateBundle() {
      // The worker has a bundle of its own; the page's brings the files.
      if (this.environment.config.isWorker) return;
      for (const name of FILES) {
        this.emitFile({ type: "asset", fileName: FOLDER + name, source: bytesOf(name) });
      }
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const name = FILES.find((file) => request.url?.split("?")[0] === `/${FOLDER}${file}`);
        if (name === undefined) return next();
        response.setHeader("Content-Type", "application/wasm");
        return response.end(bytesOf(name));
      });
    },
  };
}
