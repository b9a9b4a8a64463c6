// The scan of the whole bundled corpus, all SAEs: minutes, so only in `npm run test:full`. tests/gpu/scan.test.ts has the
// same on WebGPU.

import { expect, it } from "vitest";
import { createTfjsBackend } from "../../src/backend/tfjs/createTfjsBackend.ts";
import { TFJS_WASM } from "../support/nodeFiles.ts";
import { DEMO_SAES, expectScanGolden, scanDemo } from "../support/scanSuite.ts";

const start = () => createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM });

it.each(DEMO_SAES)("%s gives the golden scan on tfjs-wasm", async (sae) => {
  const summary = await scanDemo("tfjs-wasm", start, sae);
  await expectScanGolden(summary, sae);
  expect(summary.finished).toBe(true);
});
