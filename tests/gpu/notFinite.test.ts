// NaN and infinities, in weights and of sums that overflow, on our own WebGPU backend.

import { createWebGpuBackend } from "../../src/backend/webgpu/createWebGpuBackend.ts";
import { describeNotFinite } from "../support/notFiniteSuite.ts";
import { testGpu } from "./device.ts";

describeNotFinite("webgpu", () => createWebGpuBackend({ gpu: testGpu() }));
