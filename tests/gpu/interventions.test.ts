// Interventions on our own WebGPU backend.

import { createWebGpuBackend } from "../../src/backend/webgpu/createWebGpuBackend.ts";
import { describeGeneration } from "../support/generationSuite.ts";
import { describeInterventions } from "../support/interventionSuite.ts";
import { testGpu } from "./device.ts";

const start = () => createWebGpuBackend({ gpu: testGpu() });

describeInterventions("webgpu", start);
describeGeneration("webgpu", start);
