// Logits of a token and nearest rows on the portable backends.

import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import { describeExploring } from "../../support/exploreSuite.ts";
import { TFJS_WASM } from "../../support/nodeFiles.ts";

describeExploring("tfjs-wasm", () => createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM }));
describeExploring("tfjs-cpu", () => createTfjsBackend("tfjs-cpu"));
