// Logits of a token and nearest rows on our own WebGPU backend.

import { createWebGpuBackend } from "../../src/backend/webgpu/createWebGpuBackend.ts";
import { describeExploring } from "../support/exploreSuite.ts";
import { testGpu } from "./device.ts";

describeExploring("webgpu", () => createWebGpuBackend({ gpu: testGpu() }));
