// tfjs' own WebGPU backend, on a device of its own: the peer that our kernels are measured against.

import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { Backend } from "../../../src/backend/backend.ts";
import { acquire, type DeviceMaker } from "../../../src/backend/tfjs/device.ts";
import { TfjsBackend } from "../../../src/backend/tfjs/tfjsBackend.ts";

/** Named as the portable backend is: the name decides nothing that is measured. */
export const tfjsWebgpu = async (gpu: GPU): Promise<Backend> =>
  new TfjsBackend("tfjs-cpu", await acquire(webgpuDevice(gpu)));

function webgpuDevice(gpu: GPU): DeviceMaker {
  return {
    tfName: "webgpu",
    async make() {
      const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
      if (!adapter) throw new Error("this browser offers no WebGPU adapter");
      const device = await adapter.requestDevice({ requiredLimits: limits(adapter) });
      const { vendor, architecture, description } = adapter.info;
      const kernels = new WebGPUBackend(device, adapter.info);
      return {
        tfName: "webgpu",
        kernels,
        adapter:
          [vendor, architecture].filter(Boolean).join(" ") || description || "unnamed adapter",
        lost: device.lost.then(({ reason, message }) => message || reason),
        view: null,
        anyProduct: true,
        // WebGPU reports it later, as an error of the device.
        reserve() {},
        async flush() {
          kernels.ensureCommandEncoderReady();
          kernels.endComputePassEncoder();
          kernels.submitQueue();
          await device.queue.onSubmittedWorkDone();
        },
      };
    },
  };
}

/** What tfjs itself asks for: all that the adapter has. */
function limits(adapter: GPUAdapter): Record<string, number> {
  const {
    maxComputeWorkgroupStorageSize,
    maxComputeWorkgroupsPerDimension,
    maxStorageBufferBindingSize,
    maxBufferSize,
    maxComputeWorkgroupSizeX,
    maxComputeInvocationsPerWorkgroup,
  } = adapter.limits;
  return {
    maxComputeWorkgroupStorageSize,
    maxComputeWorkgroupsPerDimension,
    maxStorageBufferBindingSize,
    maxBufferSize,
    maxComputeWorkgroupSizeX,
    maxComputeInvocationsPerWorkgroup,
  };
}
