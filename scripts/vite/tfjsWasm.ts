// Serves TensorFlow.js' WebAssembly files from the app itself, under assets/tfjs/, in the build and by the dev server.
// Left to itself the package would load them from a CDN, and start its threads from blob: addresses, which the
// Content-Security-Policy forbids: in the build, threads start from files too.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

const FOLDER = "assets/tfjs/";
const THREADED = "tfjs-backend-wasm-threaded-simd";
const WASM_FILES = ["tfjs-backend-wasm.wasm", "tfjs-backend-wasm-simd.wasm", `${THREADED}.wasm`];

const require = createRequire(import.meta.url);
const packageFolder = dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json"));

/** What stands in the folder, by name. */
const files = new Map<string, () => Buffer | string>([
  [`${THREADED}.js`, () => readFileSync(join(packageFolder, "wasm-out", `${THREADED}.js`))],
  [`${THREADED}.worker.js`, workerScript],
]);
for (const name of WASM_FILES)
  files.set(name, () => readFileSync(join(packageFolder, "dist", name)));

/** The package has the thread's script as a string, whose line ends stand inside of string literals. */
function workerScript(): string {
  const { wasmWorkerContents } = require(
    join(packageFolder, "wasm-out", `${THREADED}.worker.js`),
  ) as { wasmWorkerContents: string };
  return wasmWorkerContents.replaceAll("\n", "\\n");
}

export function tfjsWasm(): Plugin {
  return {
    name: "facet:tfjs-wasm",
    generateBundle() {
      for (const [name, content] of files) {
        this.emitFile({ type: "asset", fileName: FOLDER + name, source: content() });
      }
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const name = request.url?.split("?")[0]?.slice(1);
        const content = name?.startsWith(FOLDER) ? files.get(name.slice(FOLDER.length)) : undefined;
        if (content === undefined) return next();
        const type = name?.endsWith(".wasm") ? "application/wasm" : "text/javascript";
        response.setHeader("Content-Type", type);
        return response.end(content());
      });
    },
  };
}

/** What the library's source is changed to, by the end of its path. Each pattern is found once, or the build fails. */
const CHANGES: Readonly<Record<string, readonly (readonly [pattern: RegExp, to: string])[]>> = {
  "/dist/backend_wasm.js": [
    [/^import \{ wasmWorkerContents \} from .*$/m, ""],
    [
      /const response = wasmWorkerContents[\s\S]*?return URL\.createObjectURL\(blob\);/,
      `return wasmPathPrefix + "${THREADED}.worker.js";`,
    ],
    [
      /factoryConfig\.mainScriptUrlOrBlob = new Blob\([\s\S]*?\{ type: 'text\/javascript' \}\);/,
      `factoryConfig.mainScriptUrlOrBlob = wasmPathPrefix + "${THREADED}.js";
       factoryConfig.pthreadPoolSize = threadsCount - 1;`,
    ],
  ],
  // Eight workers are started there, however many threads were asked for, and at most half of the cores used.
  [`/wasm-out/${THREADED}.js`]: [
    [/pthreadPoolSize=8\b/, 'pthreadPoolSize=Module["pthreadPoolSize"]'],
    [/navigator\["hardwareConcurrency"\]/, '2*(Module["pthreadPoolSize"]+1)'],
  ],
};

/** For the worker's build. The dev server has no Content-Security-Policy and takes the library as it is. */
export function tfjsThreads(): Plugin {
  return {
    name: "facet:tfjs-threads",
    apply: "build",
    transform(code, id) {
      if (!id.startsWith(packageFolder)) return null;
      const changes = Object.entries(CHANGES).find(([end]) => id.endsWith(end))?.[1];
      if (changes === undefined) return null;
      let changed = code;
      for (const [pattern, to] of changes) {
        if (changed.match(new RegExp(pattern, `g${pattern.flags}`))?.length !== 1) {
          throw new Error(
            `${id}: ${String(pattern)} is not found once; TensorFlow.js has changed.`,
          );
        }
        changed = changed.replace(pattern, () => to);
      }
      return { code: changed, map: null };
    },
  };
}
