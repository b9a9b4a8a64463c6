// tfjs' WebAssembly backend (XNNPACK): SIMD where the browser has it, threads where the page is cross-origin isolated.

import { type KernelBackend, env, findBackendFactory } from "@tensorflow/tfjs-core";
import {
  BackendWasm,
  getThreadsCount,
  setThreadsCount,
  setWasmPaths,
} from "@tensorflow/tfjs-backend-wasm";
import { FacetError } from "../../lib/errors.ts";
import type { Device, DeviceMaker } from "./device.ts";

/** Registered by the package as it loads: fetches and compiles the .wasm file. */
const factory = findBackendFactory("wasm");

/** Left for results of operations when weights are loaded: XNNPACK does not tell when memory ran out. */
const HEADROOM_BYTES = 64 * 2 ** 20;

export type WasmPaths = string | Readonly<Record<string, string>>;

/** Matrices of one text keep no more busy. */
const MOST_THREADS = 4;
/** How long threads may take to start; a host that does not let their scripts load would keep the page waiting. */
const THREADS_PATIENCE_MS = 10_000;
const MULTITHREAD = "WASM_HAS_MULTITHREAD_SUPPORT";

/** What tfjs was told last. */
let pathsGiven: WasmPaths | undefined;

/** `threads`: at most; as many as the machine has, up to four, where none is said. */
export function wasmDevice(paths: WasmPaths | undefined, threads?: number): DeviceMaker {
  return {
    tfName: "wasm",
    async make() {
      if (paths !== undefined && paths !== pathsGiven) {
        // After a failed start tfjs refuses new paths, but tries the old ones again.
        setWasmPaths(typeof paths === "string" ? paths : everyName(paths));
        pathsGiven = paths;
      }
      // The threads' scripts are sought in the folder.
      const most = typeof paths === "string" ? threadsHere(threads ?? MOST_THREADS) : 1;
      const kernels = (most > 1 ? await startThreads(most) : null) ?? (await startOne());
      const simd = await env().getAsync("WASM_HAS_SIMD_SUPPORT");
      const count = getThreadsCount();
      const running = `${count} thread${count === 1 ? "" : "s"}`;
      return describe(kernels, simd === true ? `wasm simd, ${running}` : `wasm, ${running}`);
    },
  };
}

/** Threads share memory, which a browser gives to cross-origin isolated pages alone. */
function threadsHere(most: number): number {
  return globalThis.crossOriginIsolated ? Math.min(most, navigator.hardwareConcurrency) : 1;
}

/** null where they do not start in time. */
async function startThreads(count: number): Promise<BackendWasm | null> {
  env().set(MULTITHREAD, true);
  setThreadsCount(count);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tired = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), THREADS_PATIENCE_MS);
  });
  const started = start();
  // Whoever is too late or fails is not waited for: one thread runs without it.
  const kernels = await Promise.race([started.catch(() => null), tired]);
  clearTimeout(timer);
  return kernels;
}

function startOne(): Promise<BackendWasm> {
  env().set(MULTITHREAD, false);
  setThreadsCount(1);
  return start();
}

async function start(): Promise<BackendWasm> {
  try {
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

/** tfjs wants an address for each of its three files; the threaded one is not fetched by name. */
function everyName(paths: Readonly<Record<string, string>>): Record<string, string> {
  return { "tfjs-backend-wasm-threaded-simd.wasm": "", ...paths };
}
