// Interventions on our own WebGPU backend.

import { createWebGpuBackend } from "../../src/backend/webgpu/createWebGpuBackend.ts";
import { describeInterventions } from "../support/interventionSuite.ts";
import { testGpu } from "./device.ts";

describeInterventions("webgpu", () => createWebGpuBackend({ gpu: testGpu() }));
