// x · rsqrt(mean(x²) + eps) · gain, row by row.

import rmsNormWgsl from "../kernels/rms_norm.wgsl?raw";
import type { Kernel } from "../kernel.ts";
import type { Runner } from "../runner.ts";
import { type GpuTensor, emptyTensor, expectShape } from "../tensor.ts";
import { rowLanes } from "./rowLanes.ts";

const kernel: Kernel = { name: "rmsNorm", code: rmsNormWgsl, bindings: ["read", "read", "write"] };

/** Invocations that share a row: every one adds up what the others found, so few for short rows. */
export function lanesFor(cols: number): number {
  return cols <= 256 ? 16 : 64;
}

export function rmsNorm(runner: Runner, x: GpuTensor, gain: GpuTensor, eps: number): GpuTensor {
  expectShape(gain, 1, x.cols, "The gain of RMS norm");
  const y = emptyTensor(runner, x.rows, x.cols, "rms norm");
  const lanes = rowLanes(runner, lanesFor(x.cols));
  runner.dispatch({
    kernel,
    constants: lanes,
    buffers: [x.buffer, gain.buffer, y.buffer],
    u32: [x.rows, x.cols / 4],
    f32: [eps],
    groups: [Math.ceil(x.rows / lanes.ROWS), 1],
  });
  return y;
}
