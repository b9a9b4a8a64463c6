// Which backend runs: the one asked for, or the fastest that is here. A software WebGPU adapter loses against
// TensorFlow.js on WebAssembly, which is over ten times faster there.

import type { Backend } from "../backend/backend.ts";
import { FacetError } from "../lib/errors.ts";
import type { BackendOption } from "../lib/openCard.ts";
import type { BackendName } from "../lib/report.ts";

/** What this place can run, and how to start it. */
export interface Backends {
  options(): Promise<BackendOption[]>;
  start(name: BackendName): Promise<Backend>;
}

export interface Chosen {
  readonly backend: Backend;
  /** Why not WebGPU, where it is not. */
  readonly notice: string | null;
}

/** Throws `NoBackend` where the one asked for, or every one, cannot run. */
export async function chooseBackend(
  backends: Backends,
  asked: BackendName | undefined,
): Promise<Chosen> {
  if (asked !== undefined) return { backend: await backends.start(asked), notice: null };
  const options = await backends.options();
  const webgpu = options.find(({ name }) => name === "webgpu");
  const failures: unknown[] = [];
  const order: { name: BackendName; notice: string | null }[] = [
    { name: "tfjs-wasm", notice: whyNot(webgpu) },
    {
      name: "tfjs-cpu",
      notice: "Neither WebGPU nor WebAssembly runs here: plain JavaScript is used, slowly.",
    },
  ];
  if (webgpu?.available === true && webgpu.note === null)
    order.unshift({ name: "webgpu", notice: null });
  for (const { name, notice } of order) {
    try {
      return { backend: await backends.start(name), notice };
    } catch (error) {
      failures.push(error);
    }
  }
  throw new FacetError(
    "NoBackend",
    "Starting a backend: neither WebGPU nor WebAssembly nor plain JavaScript could be started. Try a current browser.",
    failures[0],
  );
}

function whyNot(webgpu: BackendOption | undefined): string {
  return webgpu?.available === true
    ? `WebGPU here is a ${webgpu.note}: TensorFlow.js on WebAssembly is faster and is used instead. The settings can change that.`
    : "No WebGPU here: TensorFlow.js on WebAssembly is used instead.";
}
