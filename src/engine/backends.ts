// The backends of this place: our own WebGPU, and TensorFlow.js on WebAssembly, JavaScript or its own WebGPU.
// Each is loaded only when it is started.

import { FacetError } from "../lib/errors.ts";
import type { BackendName } from "../lib/report.ts";
import type { Backends } from "./chooseBackend.ts";

/** What was measured of a device serves the next backend on it as well. */
const measured = new Map<string, string>();

/** @param wasmBase address of the folder that holds tfjs' .wasm files, with a slash at its end. */
export function backendsHere(wasmBase: string): Backends {
  return {
    async options() {
      const { probeWebGpu } = await import("../backend/webgpu/probe.ts");
      const { available, software } = await probeWebGpu();
      const note = software ? "software adapter" : null;
      return [
        { name: "webgpu", available, note },
        { name: "tfjs-wasm", available: typeof WebAssembly === "object", note: null },
        { name: "tfjs-cpu", available: true, note: "plain JavaScript, slow" },
        { name: "tfjs-webgpu", available, note: "TensorFlow.js' own WebGPU, for comparison" },
      ];
    },
    start,
  };

  async function start(name: BackendName) {
    if (name === "webgpu") {
      const { createWebGpuBackend } = await import("../backend/webgpu/createWebGpuBackend.ts");
      return createWebGpuBackend({ memory: measured });
    }
    if (name === "tfjs-wasm" || name === "tfjs-cpu" || name === "tfjs-webgpu") {
      const { createTfjsBackend } = await import("../backend/tfjs/createTfjsBackend.ts");
      return createTfjsBackend(name, { wasmPaths: wasmBase });
    }
    throw new FacetError(
      "NoBackend",
      `Starting ${JSON.stringify(name)}: there is no such backend.`,
    );
  }
}
