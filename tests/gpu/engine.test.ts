// Our own WebGPU backend against every golden.

import { createWebGpuBackend } from "../../src/backend/webgpu/createWebGpuBackend.ts";
import {
  describeCardSample,
  describeDemoGoldens,
  describeTinyGoldens,
} from "../support/engineSuite.ts";
import { testGpu } from "./device.ts";

const start = () => createWebGpuBackend({ gpu: testGpu() });

describeTinyGoldens("webgpu", start);
describeDemoGoldens("webgpu", start);
describeCardSample("webgpu", start);
