// The backends of this place: our own WebGPU, and TensorFlow.js on WebAssembly, JavaScript or its own WebGPU.
// Each is loaded only when it is started.

import type { VariantMemory } from "../backend/webgpu/variants.ts";
import { FacetError } from "../lib/errors.ts";
import type { BackendName } from "../lib/report.ts";
import type { Backends } from "../session/chooseBackend.ts";

/**
 * @param wasmBase address of the folder that holds tfjs' .wasm files, with a slash at its end.
 * @param measured what was measured of devices, by backends before this one.
 */
export function backendsHere(wasmBase: string, measured: () => Promise<VariantMemory>): Backends {
  return {
    async options() {
      const { probeWebGpu } = await import("../backend/webgpu/probe.ts");
      const { available, software } = await probeWebGpu();
      const note = software ? "software adapter" : null;
      return [
        { name: "webgpu", available, note },
        { name: "tfjs-wasm", available: typeof WebAssembly === "object", note: null },
        { name: "tfjs-cpu", available: true, note: "plain JavaScript, slow" },
      ];
    },
    start,
  };

  async function start(name: BackendName) {
    if (name === "webgpu") {
      const [{ createWebGpuBackend }, memory] = await Promise.all([
        import("../backend/webgpu/createWebGpuBackend.ts"),
        measured(),
      ]);
      return createWebGpuBackend({ memory });
    }
    if (name === "tfjs-wasm" || name === "tfjs-cpu") {
      const { createTfjsBackend } = await import("../backend/tfjs/createTfjsBackend.ts");
      return createTfjsBackend(name, { wasmPaths: wasmBase });
    }
    throw new FacetError(
      "NoBackend",
      `Starting ${JSON.stringify(name)}: there is no such backend.`,
    );
  }
}
