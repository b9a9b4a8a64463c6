// A contender that is one of Facet's backends: our own WebGPU kernels, or the operations composed of TensorFlow.js'.

import type { Backend, Features, Tensor } from "../../../src/backend/backend.ts";
import { createWebGpuBackend } from "../../../src/backend/webgpu/createWebGpuBackend.ts";
import type { Contender, Prepared } from "./contender.ts";
import { type Inputs, type Recipe, recipe } from "./recipes.ts";

/** Facet's own kernels. */
export async function ours(gpu: GPU): Promise<Contender> {
  const backend = await createWebGpuBackend({ gpu });
  // A checkpoint may leave little work unsent. Reading sends all that was recorded, and waits for it.
  const last = backend.tensor(new Float32Array(4), 1, 4);
  return {
    adapter: backend.adapter,
    backend,
    prepare: async (operation, format) =>
      prepared(backend, recipe(backend, operation, format), async () => {
        await backend.read(last);
      }),
  };
}

export function prepared(backend: Backend, made: Recipe, done: () => Promise<void>): Prepared {
  let given: Inputs | null = null;
  let result: Tensor | Features | null = null;
  const inputs = (): Inputs => {
    if (given === null) throw new Error("an operation was given no inputs");
    return given;
  };
  const letGo = (): void => {
    for (const tensor of given?.tensors ?? []) tensor.dispose();
    given?.features?.dispose();
  };
  return {
    input(seed) {
      letGo();
      given = made.inputs(seed);
    },
    run() {
      const replace = (next: Tensor | Features): void => {
        result?.dispose();
        result = next;
      };
      const next = made.run(inputs());
      return next instanceof Promise ? next.then(replace) : replace(next);
    },
    done,
    async output() {
      if (result === null) throw new Error("an operation was not run");
      return "cols" in result ? backend.read(result) : backend.readFeatures(result);
    },
    dispose() {
      letGo();
      result?.dispose();
      made.dispose();
    },
  };
}
