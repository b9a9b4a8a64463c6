// tfjs' WebAssembly backend (XNNPACK): one thread, with SIMD where the browser has it.

import { type KernelBackend, env, findBackendFactory } from "@tensorflow/tfjs-core";
import { BackendWasm, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { FacetError } from "../../lib/errors.ts";
import type { Device, DeviceMaker } from "./device.ts";

/** Registered by the package as it loads: fetches and compiles the .wasm file. */
const factory = findBackendFactory("wasm");

/** Left for results of operations when weights are loaded: XNNPACK does not tell when memory ran out. */
const HEADROOM_BYTES = 64 * 2 ** 20;

export type WasmPaths = string | Readonly<Record<string, string>>;

/** What tfjs was told last. */
let pathsGiven: WasmPaths | undefined;

export function wasmDevice(paths: WasmPaths | undefined): DeviceMaker {
  return {
    tfName: "wasm",
    async make() {
      // Threads would need scripts from blob: addresses, which the page's Content-Security-Policy forbids.
      env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
      const kernels = await start(paths);
      const simd = await env().getAsync("WASM_HAS_SIMD_SUPPORT");
      return describe(kernels, simd === true ? "wasm simd, 1 thread" : "wasm, 1 thread");
    },
  };
}

async function start(paths: WasmPaths | undefined): Promise<BackendWasm> {
  try {
    // After a failed start tfjs refuses new paths, but tries the old ones again.
    if (paths !== undefined && paths !== pathsGiven) {
      setWasmPaths(typeof paths === "string" ? paths : everyName(paths));
      pathsGiven = paths;
    }
    const kernels: KernelBackend = await factory();
    if (kernels instanceof BackendWasm) return kernels;
    throw new Error("tfjs made another backend than its wasm one");
  } catch (error) {
    throw new FacetError(
      "NoBackend",
      "Starting tfjs-wasm: its .wasm file could not be fetched or compiled. Reload the page, or choose another backend in the settings.",
      // tfjs rejects with a plain object.
      error instanceof Error ? error : new Error(JSON.stringify(error)),
    );
  }
}

/** Of the Emscripten module, whose types the package does not ship. */
interface Heap {
  readonly _malloc: (bytes: number) => number;
  readonly _free: (address: number) => void;
}

function describe(kernels: BackendWasm, adapter: string): Device {
  const { _malloc: malloc, _free: free } = kernels.wasm as unknown as Heap;
  return {
    tfName: "wasm",
    kernels,
    adapter,
    lost: new Promise(() => {}),
    view(x) {
      const values = kernels.typedArrayFromHeap(x);
      if (!(values instanceof Float32Array)) throw new Error(`a ${x.dtype} tensor has no f32 view`);
      return values;
    },
    // Its matMul reaches XNNPACK for one a·B and else falls back to a plain loop, measured 12 times slower.
    anyProduct: false,
    reserve(bytes, label) {
      // tfjs does not check what malloc returns; 0 would have it write over the start of the heap.
      // malloc takes 32 bits and would take a larger number for what is left of it.
      const wanted = bytes + HEADROOM_BYTES;
      const address = wanted < 2 ** 32 ? malloc(wanted) : 0;
      if (address === 0) {
        throw new FacetError(
          "OutOfMemory",
          `Loading ${label}: WebAssembly has no ${bytes} more bytes (its limit is 4 GiB). Use WebGPU, or a smaller model or SAE.`,
        );
      }
      free(address);
    },
    // It computes as it is asked.
    flush: async () => {},
  };
}

/** tfjs wants an address for each of its three files; the threaded one is never fetched. */
function everyName(paths: Readonly<Record<string, string>>): Record<string, string> {
  return { "tfjs-backend-wasm-threaded-simd.wasm": "", ...paths };
}
