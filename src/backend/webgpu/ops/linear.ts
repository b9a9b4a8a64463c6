// x·Wᵀ (+ add) with W in any stored format and in slices.

import type { Precision } from "../../../lib/report.ts";
import linearWgsl from "../kernels/product_linear.wgsl?raw";
import type { DeviceBuffer } from "../pool.ts";
import type { Runner } from "../runner.ts";
import { type GpuTensor, emptyTensor, expectShape } from "../tensor.ts";
import type { GpuWeight, Slice } from "../weights.ts";
import { operation, recordProduct } from "./product.ts";

const product = operation("linear", linearWgsl, 4);

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
  const { x, add, y, slice } = part;
  recordProduct(runner, product, {
    format: part.format,
    constants: { ADD: add ? 1 : 0 },
    buffers: [x.buffer, slice.buffer, add ?? x.buffer, y],
    rows: x.rows,
    firstRow: 0,
    inputs: x.cols,
    slice: [0, x.cols],
    columns: part.columns,
    firstWeight: part.firstWeight,
    firstColumn: part.firstColumn,
    stride: part.stride,
    firstSlice: true,
    lastSlice: true,
  });
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
