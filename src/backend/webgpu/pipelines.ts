// Pipelines of kernels by their override constants, each made once: at the dispatch that needs it first, or before that,
// without anybody waiting. Looked up at every dispatch, so nothing is allocated and no string is built for that.

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
  /** Constants of those that were started. */
  readonly compiling: Constants[];
}

export class Pipelines {
  readonly #device: GPUDevice;
  readonly #kernels = new Map<Kernel, Made>();
  readonly #layouts = new Map<string, Layout>();
  readonly #compiling = new Set<Promise<void>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  get(kernel: Kernel, constants: Constants): Pipeline {
    const made = this.#kernels.get(kernel) ?? this.#begin(kernel);
    const known = find(made, constants);
    if (known) return known;
    const gpu = this.#device.createComputePipeline(describe(kernel, made, constants));
    return keep(made, constants, gpu);
  }

  /** Starts to compile, unless that was done. What fails to compile is reported where it is dispatched. */
  compile(kernel: Kernel, constants: Constants): void {
    const made = this.#kernels.get(kernel) ?? this.#begin(kernel);
    if (find(made, constants) || made.compiling.some((one) => same(one, constants))) return;
    made.compiling.push(constants);
    const compiled = this.#device
      .createComputePipelineAsync(describe(kernel, made, constants))
      .then(
        (gpu) => void (find(made, constants) ?? keep(made, constants, gpu)),
        () => undefined,
      )
      .finally(() => this.#compiling.delete(compiled));
    this.#compiling.add(compiled);
  }

  /** Compiles one that may not compile here: null where it does not. */
  async attempt(kernel: Kernel, constants: Constants): Promise<Pipeline | null> {
    this.#device.pushErrorScope("validation");
    const made = this.#kernels.get(kernel) ?? this.#begin(kernel);
    const known = find(made, constants);
    const compiling = known
      ? null
      : this.#device.createComputePipelineAsync(describe(kernel, made, constants));
    const [invalid, compiled] = await Promise.allSettled([this.#device.popErrorScope(), compiling]);
    if (known) return known;
    const fine = invalid.status === "fulfilled" && invalid.value === null;
    if (!fine || compiled.status === "rejected" || compiled.value === null) return null;
    return find(made, constants) ?? keep(made, constants, compiled.value);
  }

  /** Once all that was started has been compiled. */
  async compiled(): Promise<void> {
    await Promise.all(this.#compiling);
  }

  #begin(kernel: Kernel): Made {
    const made: Made = {
      module: this.#device.createShaderModule({ label: kernel.name, code: kernel.code }),
      layout: this.#layout(kernel),
      variants: [],
      compiling: [],
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

function describe(
  { name }: Kernel,
  { module, layout }: Made,
  constants: Constants,
): GPUComputePipelineDescriptor {
  return {
    label: `${name} ${JSON.stringify(constants)}`,
    layout: layout.pipeline,
    compute: { module, constants },
  };
}

function find({ variants }: Made, constants: Constants): Pipeline | null {
  for (const variant of variants) {
    if (same(variant.constants, constants)) return variant.pipeline;
  }
  return null;
}

function keep({ variants, layout }: Made, constants: Constants, gpu: GPUComputePipeline): Pipeline {
  const pipeline = { gpu, layout };
  variants.push({ constants, pipeline });
  return pipeline;
}

/** Of one kernel's constants, which always have the same names. */
function same(a: Constants, b: Constants): boolean {
  for (const name in a) if (a[name] !== b[name]) return false;
  return true;
}
