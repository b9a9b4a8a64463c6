// act(x·Gateᵀ) ⊙ (x·Upᵀ), fused: the two products never leave registers.

import type { GeluKind } from "../../../lib/report.ts";
import gatedMlpWgsl from "../kernels/gated_mlp.wgsl?raw";
import { weightKernels } from "../kernel.ts";
import type { Runner } from "../runner.ts";
import { type GpuTensor, emptyTensor, expectShape } from "../tensor.ts";
import type { GpuWeight } from "../weights.ts";
import { rowBlocks } from "./rowBlocks.ts";

const kernels = weightKernels("gatedMlp", gatedMlpWgsl, ["read", "read", "read", "write"]);
/** Invocations in a workgroup, and columns that one makes. */
const GROUP = { x: 16, y: 4, columns: 4 };

export function gatedMlp(
  runner: Runner,
  x: GpuTensor,
  gate: GpuWeight,
  up: GpuWeight,
  act: GeluKind,
): GpuTensor {
  expectShape(x, x.rows, gate.cols, `The input of ${gate.label}`);
  if (gate.rows !== up.rows || gate.cols !== up.cols || gate.format !== up.format) {
    throw new RangeError(`${gate.label} and ${up.label} must have one shape and one format`);
  }
  const y = emptyTensor(runner, x.rows, gate.rows, "gated mlp");
  const ROWS = x.rows === 1 ? 1 : 4;
  gate.slices.forEach((slice, i) => {
    const upSlice = up.slices[i];
    if (!upSlice) throw new RangeError(`${up.label} is sliced unlike ${gate.label}`);
    const rowFlops = 4 * slice.rows * x.cols;
    for (const block of rowBlocks(x.rows, rowFlops, runner.limits.submissionFlops)) {
      runner.dispatch({
        kernel: kernels[gate.format],
        constants: { ROWS, ERF: act === "erf" ? 1 : 0 },
        buffers: [x.buffer, slice.buffer, upSlice.buffer, y.buffer],
        u32: [block.rows, block.first, x.cols / 4, slice.rows, slice.firstRow, gate.rows],
        groups: [
          Math.ceil(slice.rows / (GROUP.x * GROUP.columns)),
          Math.ceil(block.rows / (GROUP.y * ROWS)),
        ],
        flops: block.rows * rowFlops,
      });
    }
  });
  return y;
}
