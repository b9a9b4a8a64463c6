// The portable backend on WebAssembly against every golden.

import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import { describeCardSample, describeDemoGoldens, describeTinyGoldens } from "../../support/engineSuite.ts";
import { repository } from "../../support/nodeFiles.ts";

const start = () =>
  createTfjsBackend("tfjs-wasm", {
    wasmPaths: repository("node_modules/@tensorflow/tfjs-backend-wasm/dist/"),
  });

describeTinyGoldens("tfjs-wasm", start);
describeDemoGoldens("tfjs-wasm", start);
describeCardSample("tfjs-wasm", start);
