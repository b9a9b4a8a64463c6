// Pipelines of kernels by their override constants, each made once. Looked up at every dispatch, so nothing is
// allocated and no string is built for that.

import { type Constants, type Kernel, PARAMS_BYTES } from "./kernel.ts";

export interface Pipeline {
  readonly gpu: GPUComputePipeline;
  readonly layout: Layout;
}

/** Kernels whose bindings are alike share one, and with it their bind groups. */
export interface Layout {
  readonly id: number;
  readonly bindings: GPUBindGroupLayout;
  readonly pipeline: GPUPipelineLayout;
}

interface Made {
  readonly module: GPUShaderModule;
  readonly layout: Layout;
  /** A handful at most: searched from the front. */
  readonly variants: { readonly constants: Constants; readonly pipeline: Pipeline }[];
}

export class Pipelines {
  readonly #device: GPUDevice;
  readonly #kernels = new Map<Kernel, Made>();
  readonly #layouts = new Map<string, Layout>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  get(kernel: Kernel, constants: Constants): Pipeline {
    const made = this.#kernels.get(kernel) ?? this.#begin(kernel);
    for (const variant of made.variants) {
      if (same(variant.constants, constants)) return variant.pipeline;
    }
    const gpu = this.#device.createComputePipeline({
      label: `${kernel.name} ${JSON.stringify(constants)}`,
      layout: made.layout.pipeline,
      compute: { module: made.module, constants },
    });
    const pipeline = { gpu, layout: made.layout };
    made.variants.push({ constants, pipeline });
    return pipeline;
  }

  #begin(kernel: Kernel): Made {
    const made: Made = {
      module: this.#device.createShaderModule({ label: kernel.name, code: kernel.code }),
      layout: this.#layout(kernel),
      variants: [],
    };
    this.#kernels.set(kernel, made);
    return made;
  }

  #layout({ bindings: accesses }: Kernel): Layout {
    const key = accesses.join();
    const known = this.#layouts.get(key);
    if (known) return known;
    const bindings = this.#device.createBindGroupLayout({
      label: key,
      entries: [
        {
          binding: 0,
          visibility: GPUShaderStage.COMPUTE,
          buffer: { type: "uniform", hasDynamicOffset: true, minBindingSize: PARAMS_BYTES },
        },
        ...accesses.map((access, i) => ({
          binding: i + 1,
          visibility: GPUShaderStage.COMPUTE,
          buffer: { type: access === "read" ? "read-only-storage" : "storage" } as const,
        })),
      ],
    });
    const pipeline = this.#device.createPipelineLayout({
      label: key,
      bindGroupLayouts: [bindings],
    });
    const layout = { id: this.#layouts.size, bindings, pipeline };
    this.#layouts.set(key, layout);
    return layout;
  }
}

/** Of one kernel's constants, which always have the same names. */
function same(a: Constants, b: Constants): boolean {
  for (const name in a) if (a[name] !== b[name]) return false;
  return true;
}
