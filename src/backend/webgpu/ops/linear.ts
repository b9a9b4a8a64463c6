// x·Wᵀ (+ add) with W in any stored format and in slices.

import type { Precision } from "../../../lib/report.ts";
import linearWgsl from "../kernels/linear.wgsl?raw";
import { weightKernels } from "../kernel.ts";
import type { DeviceBuffer } from "../pool.ts";
import type { Runner } from "../runner.ts";
import { type GpuTensor, emptyTensor, expectShape } from "../tensor.ts";
import type { GpuWeight, Slice } from "../weights.ts";
import { rowBlocks, rowsPerInvocation } from "./rowBlocks.ts";

const kernels = weightKernels("linear", linearWgsl, ["read", "read", "read", "write"]);
/** Invocations in a workgroup, and columns that one makes. */
const GROUP = { x: 16, y: 4, columns: 4 };

/** Some rows of one slice, and the columns of y that they make. */
export interface LinearPart {
  readonly x: GpuTensor;
  readonly format: Precision;
  readonly slice: Slice;
  /** Within the slice. */
  readonly firstWeight: number;
  readonly columns: number;
  readonly y: DeviceBuffer;
  /** Columns of y, and the first of those that are made. */
  readonly stride: number;
  readonly firstColumn: number;
  /** [T, stride], or null. */
  readonly add: DeviceBuffer | null;
}

/** Records the columns that a part of W makes. */
export function linearPart(runner: Runner, part: LinearPart): void {
  const { x, columns } = part;
  const ROWS = rowsPerInvocation(x.rows);
  const rowFlops = 2 * columns * x.cols;
  for (const block of rowBlocks(x.rows, rowFlops, runner.limits.submissionFlops)) {
    runner.dispatch({
      kernel: kernels[part.format],
      constants: { ROWS, ADD: part.add ? 1 : 0 },
      buffers: [x.buffer, part.slice.buffer, part.add ?? x.buffer, part.y],
      u32: [
        block.rows,
        block.first,
        x.cols / 4,
        columns,
        part.firstWeight,
        part.firstColumn,
        part.stride,
      ],
      groups: [
        Math.ceil(columns / (GROUP.x * GROUP.columns)),
        Math.ceil(block.rows / (GROUP.y * ROWS)),
      ],
      flops: block.rows * rowFlops,
    });
  }
}

export function linear(
  runner: Runner,
  x: GpuTensor,
  W: GpuWeight,
  add: GpuTensor | null,
): GpuTensor {
  expectShape(x, x.rows, W.cols, `The input of ${W.label}`);
  if (add) expectShape(add, x.rows, W.rows, `What is added to ${W.label}`);
  const y = emptyTensor(runner, x.rows, W.rows, W.label);
  for (const slice of W.slices) {
    linearPart(runner, {
      x,
      format: W.format,
      slice,
      firstWeight: 0,
      columns: slice.rows,
      y: y.buffer,
      stride: W.rows,
      firstColumn: slice.firstRow,
      add: add?.buffer ?? null,
    });
  }
  return y;
}
