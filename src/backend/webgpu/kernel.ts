// A kernel: WGSL from kernels/*.wgsl and the access of its storage bindings. Binding 0 is always the uniform `Params`
// (32-bit words at a dynamic offset); storage follows from 1. Pipelines are made of it in pipelines.ts.

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
 * weights from 4·k4 and their scale are, and `unpack4` makes f32 of them. `enable` stands before everything.
 */
export function weightKernels(
  name: string,
  code: string,
  bindings: Kernel["bindings"],
  enable = "",
): Readonly<Record<Precision, Kernel>> {
  return {
    f32: { name: `${name} f32`, code: enable + weightPlain + weightF32 + code, bindings },
    bf16: { name: `${name} bf16`, code: enable + weightPlain + weightBf16 + code, bindings },
    f16: { name: `${name} f16`, code: enable + weightPlain + weightF16 + code, bindings },
    int8: { name: `${name} int8`, code: enable + weightInt8 + code, bindings },
    int4: { name: `${name} int4`, code: enable + weightInt4 + code, bindings },
  };
}
