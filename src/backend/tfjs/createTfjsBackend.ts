// The portable backend's entry: picks one of tfjs' backends and opens it. Nothing of TensorFlow.js is loaded before
// `createTfjsBackend` is called, and then only its core and the one backend package that was asked for.

import { FacetError, describe } from "../../lib/errors.ts";
import type { Backend } from "../backend.ts";
import type { DeviceMaker, TfjsKind } from "./device.ts";
import type { WasmPaths } from "./wasm.ts";

export interface TfjsOptions {
  /**
   * tfjs-wasm: where its .wasm files are served, as a folder's address with a slash at its end, or file name → address.
   * In a worker, addresses should be absolute. Without it they are sought beside the script.
   */
  readonly wasmPaths?: WasmPaths;
  /** tfjs-wasm: at most so many threads; as many as the machine has, up to four, where nothing is said. */
  readonly threads?: number;
}

/** Throws `NoBackend` where this kind cannot run here. */
export async function createTfjsBackend(
  kind: TfjsKind,
  options: TfjsOptions = {},
): Promise<Backend> {
  try {
    const [{ acquire }, { TfjsBackend }, make] = await Promise.all([
      import("./device.ts"),
      import("./tfjsBackend.ts"),
      MAKERS[kind](options),
    ]);
    return new TfjsBackend(kind, await acquire(make));
  } catch (error) {
    if (error instanceof FacetError) throw error;
    throw new FacetError(
      "NoBackend",
      `Starting ${kind}: ${describe(error)}. Choose another backend in the settings.`,
      error,
    );
  }
}

const MAKERS: Record<TfjsKind, (options: TfjsOptions) => Promise<DeviceMaker>> = {
  "tfjs-wasm": async ({ wasmPaths, threads }) =>
    (await import("./wasm.ts")).wasmDevice(wasmPaths, threads),
  "tfjs-cpu": async () => (await import("./cpu.ts")).cpuDevice(),
};
