// The page of tests/engines/goldens.test.ts: the goldens of the engine's suites, on this browser's own WebGPU.

import { fetchFiles } from "./files.ts";
import { type Outcome, runSuites } from "./run.ts";

declare global {
  var outcomes: Promise<Outcome[]>;
}

/** In the fragment: what takes minutes, too. */
const FULL = "#full";

globalThis.outcomes = fetchFiles().then(() =>
  runSuites("goldens", async () => {
    const [{ createWebGpuBackend }, suite] = await Promise.all([
      import("../../../src/backend/webgpu/createWebGpuBackend.ts"),
      import("../../support/engineSuite.ts"),
    ]);
    const start = () => createWebGpuBackend();
    suite.describeTinyGoldens("webgpu", start);
    suite.describeDemoGoldens("webgpu", start);
    if (location.hash === FULL) suite.describeCardSample("webgpu", start);
  }),
);
