// A kernel: WGSL from kernels/*.wgsl, the access of its storage bindings, and its pipelines by override constants.
// Binding 0 is always the uniform `Params` (32-bit words at a dynamic offset); storage follows from 1.

import weightBf16 from "./kernels/weight_bf16.wgsl?raw";
import weightF16 from "./kernels/weight_f16.wgsl?raw";
import weightF32 from "./kernels/weight_f32.wgsl?raw";
import type { StoredFormat } from "./weights.ts";

export interface Kernel {
  readonly name: string;
  readonly code: string;
  readonly bindings: readonly ("read" | "write")[];
}

export type Constants = Readonly<Record<string, number>>;

/** Bytes of uniform that a dispatch may use, and the alignment that dynamic offsets need by default. */
export const PARAMS_BYTES = 64;
export const PARAMS_STRIDE = 256;

/** One kernel for each format of the weights it reads: the format's file defines `Packed4` and `unpack4`. */
export function weightKernels(
  name: string,
  code: string,
  bindings: Kernel["bindings"],
): Readonly<Record<StoredFormat, Kernel>> {
  return {
    f32: { name: `${name} f32`, code: weightF32 + code, bindings },
    bf16: { name: `${name} bf16`, code: weightBf16 + code, bindings },
    f16: { name: `${name} f16`, code: weightF16 + code, bindings },
  };
}

export interface Pipeline {
  readonly id: number;
  readonly gpu: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** Makes each pipeline once. */
export class Pipelines {
  readonly #device: GPUDevice;
  readonly #made = new Map<Kernel, Map<string, Pipeline>>();
  #count = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  get(kernel: Kernel, constants: Constants): Pipeline {
    let variants = this.#made.get(kernel);
    if (!variants) this.#made.set(kernel, (variants = new Map<string, Pipeline>()));
    const key = JSON.stringify(constants);
    let pipeline = variants.get(key);
    if (!pipeline) variants.set(key, (pipeline = this.#make(kernel, constants, key)));
    return pipeline;
  }

  #make(kernel: Kernel, constants: Constants, key: string): Pipeline {
    const label = `${kernel.name} ${key}`;
    const layout = this.#device.createBindGroupLayout({
      label,
      entries: [
        {
          binding: 0,
          visibility: GPUShaderStage.COMPUTE,
          buffer: { type: "uniform", hasDynamicOffset: true, minBindingSize: PARAMS_BYTES },
        },
        ...kernel.bindings.map((access, i) => ({
          binding: i + 1,
          visibility: GPUShaderStage.COMPUTE,
          buffer: { type: access === "read" ? "read-only-storage" : "storage" } as const,
        })),
      ],
    });
    const gpu = this.#device.createComputePipeline({
      label,
      layout: this.#device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
      compute: {
        module: this.#device.createShaderModule({ label, code: kernel.code }),
        constants,
      },
    });
    return { id: this.#count++, gpu, layout };
  }
}
