// Interventions on our own WebGPU backend.

import { createWebGpuBackend } from "../../src/backend/webgpu/createWebGpuBackend.ts";
import { describeDownstream } from "../support/downstreamSuite.ts";
import { describeGeneration } from "../support/generationSuite.ts";
import { describeInterventions } from "../support/interventionSuite.ts";
import { testGpu } from "./device.ts";

const start = () => createWebGpuBackend({ gpu: testGpu() });

describeInterventions("webgpu", start);
describeDownstream("webgpu", start);
describeGeneration("webgpu", start, process.env["FACET_FULL"] !== undefined);
