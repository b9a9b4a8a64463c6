// NaN and infinities, in weights and of sums that overflow, on the portable backend.

import { createTfjsBackend } from "../../../src/backend/tfjs/createTfjsBackend.ts";
import { TFJS_WASM } from "../../support/nodeFiles.ts";
import { describeNotFinite } from "../../support/notFiniteSuite.ts";

describeNotFinite("tfjs-wasm", () => createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM }));
