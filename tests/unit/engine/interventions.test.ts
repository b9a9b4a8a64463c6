// Interventions on the portable backend: on WebAssembly, and on plain JavaScript.

import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import { describeInterventions } from "../../support/interventionSuite.ts";
import { TFJS_WASM } from "../../support/nodeFiles.ts";

describeInterventions("tfjs-wasm", () => createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM }));
describeInterventions("tfjs-cpu", () => createTfjsBackend("tfjs-cpu"));
