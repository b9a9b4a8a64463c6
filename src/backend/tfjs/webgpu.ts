// tfjs' own WebGPU backend, on a device of its own: the peer that our kernels are measured against.

import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { FacetError } from "../../lib/errors.ts";
import type { DeviceMaker } from "./device.ts";

export function webgpuDevice(given: GPU | undefined): DeviceMaker {
  return {
    tfName: "webgpu",
    async make() {
      // Not there in a browser without WebGPU, whatever the types say.
      const gpu: GPU | undefined = given ?? navigator.gpu;
      const adapter = await gpu?.requestAdapter({ powerPreference: "high-performance" });
      if (!adapter) {
        throw new FacetError(
          "NoBackend",
          "Starting tfjs-webgpu: this browser offers no WebGPU adapter. Choose another backend in the settings.",
        );
      }
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
