// The portable backend on WebAssembly against every golden.

import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import {
  describeCardSample,
  describeDemoGoldens,
  describeTinyGoldens,
} from "../../support/engineSuite.ts";
import { TFJS_WASM } from "../../support/nodeFiles.ts";

const start = () => createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM });

describeTinyGoldens("tfjs-wasm", start);
describeDemoGoldens("tfjs-wasm", start);
describeCardSample("tfjs-wasm", start);
