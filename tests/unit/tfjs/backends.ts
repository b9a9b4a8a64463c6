// Makers of tfjs backends for tests in Node: where the .wasm files lie, as a path that Node's loader can read.

import { createRequire } from "node:module";
import path from "node:path";
import type { Backend } from "../../../src/backend/backend.ts";
import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";

const packageMain = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");

/** dist/ of the package, with a slash at its end. */
export const WASM_FOLDER = path.join(path.dirname(packageMain), path.sep);

export const makeWasm = (): Promise<Backend> =>
  createTfjsBackend("tfjs-wasm", { wasmPaths: WASM_FOLDER });
export const makeCpu = (): Promise<Backend> => createTfjsBackend("tfjs-cpu");
