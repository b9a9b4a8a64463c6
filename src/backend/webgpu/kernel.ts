// A kernel: WGSL from kernels/*.wgsl, the access of its storage bindings, and its pipelines by override constants.
// Binding 0 is always the uniform `Params` (32-bit words at a dynamic offset); storage follows from 1.

import type { Precision } from "../../lib/report.ts";
import weightBf16 from "./kernels/weight_bf16.wgsl?raw";
import weightF16 from "./kernels/weight_f16.wgsl?raw";
import weightF32 from "./kernels/weight_f32.wgsl?raw";
import weightInt4 from "./kernels/weight_int4.wgsl?raw";
import weightInt8 from "./kernels/weight_int8.wgsl?raw";
import weightPlain from "./kernels/weight_plain.wgsl?raw";

export interface Kernel {
  readonly name: string;
  readonly code: string;
  readonly bindings: readonly ("read" | "write")[];
}

export type Constants = Readonly<Record<string, number>>;

/** Bytes of uniform that a dispatch may use, and the alignment that dynamic offsets need by default. */
export const PARAMS_BYTES = 64;
export const PARAMS_STRIDE = 256;

/**
 * One kernel for each format of the weights it reads. The format's file says how a row is laid out: `Stored` is what the
 * matrix is an array of, `rowLength` how many of them a row takes, `weightAt` and `scaleAt` where in the row the four
 * weights from 4·k4 and their scale are, and `unpack4` makes f32 of them.
 */
export function weightKernels(
  name: string,
  code: string,
  bindings: Kernel["bindings"],
): Readonly<Record<Precision, Kernel>> {
  return {
    f32: { name: `${name} f32`, code: weightPlain + weightF32 + code, bindings },
    bf16: { name: `${name} bf16`, code: weightPlain + weightBf16 + code, bindings },
    f16: { name: `${name} f16`, code: weightPlain + weightF16 + code, bindings },
    int8: { name: `${name} int8`, code: weightInt8 + code, bindings },
    int4: { name: `${name} int4`, code: weightInt4 + code, bindings },
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
