// x·Wᵀ (+ add) with W in any stored format and in slices.

import type { Precision } from "../../../lib/report.ts";
import linearWgsl from "../kernels/product_linear.wgsl?raw";
import linearsWgsl from "../kernels/product_linears.wgsl?raw";
import type { DeviceBuffer } from "../pool.ts";
import type { Runner } from "../runner.ts";
import { type GpuTensor, emptyTensor, expectShape } from "../tensor.ts";
import type { GpuWeight, Slice } from "../weights.ts";
import { operation, recordProduct } from "./product.ts";

const product = operation({
  name: "linear",
  code: linearWgsl,
  floats: { 2: (rows, columns) => new Float32Array(rows * columns) },
});
const three = operation({
  name: "linears",
  code: linearsWgsl,
  three: true,
  // Which of the three is read is known of one block at a time.
  without: ["wide"],
  bindings: ["read", "read", "read", "read", "write", "write", "write"],
});
const NO_CONSTANTS = {};

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

/** x·Wᵀ for q, k and v: in one dispatch where each is in one slice, and all are in one format. */
export function linears(
  runner: Runner,
  x: GpuTensor,
  weights: readonly [GpuWeight, GpuWeight, GpuWeight],
): [GpuTensor, GpuTensor, GpuTensor] {
  const [W0, W1, W2] = weights;
  const [first, ...more] = W0.slices;
  const [second, ...more1] = W1.slices;
  const [third, ...more2] = W2.slices;
  const whole = more.length + more1.length + more2.length === 0;
  const alike = W0.format === W1.format && W0.format === W2.format;
  if (!first || !second || !third || !whole || !alike) {
    return [linear(runner, x, W0, null), linear(runner, x, W1, null), linear(runner, x, W2, null)];
  }
  const make = (W: GpuWeight): GpuTensor => {
    expectShape(x, x.rows, W.cols, `The input of ${W.label}`);
    return emptyTensor(runner, x.rows, W.rows, W.label);
  };
  const made: [GpuTensor, GpuTensor, GpuTensor] = [make(W0), make(W1), make(W2)];
  recordProduct(runner, three, {
    format: W0.format,
    constants: NO_CONSTANTS,
    buffers: [x, first, second, third, ...made].map(({ buffer }) => buffer),
    rows: x.rows,
    firstRow: 0,
    inputs: x.cols,
    slice: [0, x.cols],
    columns: W0.rows,
    furtherColumns: [W1.rows, W2.rows],
    firstWeight: 0,
    firstColumn: 0,
    stride: W0.rows,
    firstSlice: true,
    lastSlice: true,
  });
  return made;
}
