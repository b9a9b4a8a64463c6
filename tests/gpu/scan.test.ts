// Scans on WebGPU: a share of the bundled corpus against the scan of the same documents on WebAssembly, and in the full
// run all of it against the goldens.

import { describe, expect, it } from "vitest";
import { createTfjsBackend } from "../../src/backend/tfjs/createTfjsBackend.ts";
import { createWebGpuBackend } from "../../src/backend/webgpu/createWebGpuBackend.ts";
import { within } from "../support/agree.ts";
import { TFJS_WASM } from "../support/nodeFiles.ts";
import { DEMO_SAES, expectScanGolden, scanDemo } from "../support/scanSuite.ts";
import { testGpu } from "./device.ts";

const webgpu = () => createWebGpuBackend({ gpu: testGpu() });
const wasm = () => createTfjsBackend("tfjs-wasm", { wasmPaths: TFJS_WASM });
const DOCUMENTS = 2;

describe("a scan on webgpu", () => {
  it.each(DEMO_SAES)("%s finds what tfjs-wasm finds", async (sae) => {
    const found = await scanDemo("webgpu", webgpu, sae, DOCUMENTS);
    const wanted = await scanDemo("tfjs-wasm", wasm, sae, DOCUMENTS);
    expect(found.tokens).toBe(wanted.tokens);
    wanted.count.forEach((count, i) => {
      expect(within(found.count[i] ?? NaN, count, 1e-4, 2), `count of ${i}`).toBe(true);
      for (const what of ["sum", "max"] as const) {
        const agrees = within(found[what][i] ?? NaN, wanted[what][i] ?? NaN, 1e-3, 1e-3);
        expect(agrees, `${what} of ${i}`).toBe(true);
      }
    });
    wanted.byPosition.squaredError.forEach((error, at) =>
      expect(within(found.byPosition.squaredError[at] ?? NaN, error, 1e-3, 1e-3)).toBe(true),
    );
  });

  it.runIf(process.env["FACET_FULL"])(
    "of the whole corpus gives the golden scans",
    { timeout: 3_600_000 },
    async () => {
      for (const sae of DEMO_SAES) {
        await expectScanGolden(await scanDemo("webgpu", webgpu, sae), sae);
      }
    },
  );
});
