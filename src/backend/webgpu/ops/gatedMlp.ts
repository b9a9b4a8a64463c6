// act(x·Gateᵀ) ⊙ (x·Upᵀ), fused: the two products never leave registers.

import type { GeluKind } from "../../../lib/report.ts";
import gatedWgsl from "../kernels/product_gated.wgsl?raw";
import type { Runner } from "../runner.ts";
import { type GpuTensor, emptyTensor, expectShape } from "../tensor.ts";
import type { GpuWeight } from "../weights.ts";
import { operation, recordProduct } from "./product.ts";

const product = operation({ name: "gatedMlp", code: gatedWgsl, columnsOfBlock: 2 });

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
  gate.slices.forEach((slice, i) => {
    const upSlice = up.slices[i];
    if (!upSlice) throw new RangeError(`${up.label} is sliced unlike ${gate.label}`);
    recordProduct(runner, product, {
      format: gate.format,
      constants: { ERF: act === "erf" ? 1 : 0 },
      buffers: [x.buffer, slice.buffer, upSlice.buffer, y.buffer],
      rows: x.rows,
      firstRow: 0,
      inputs: x.cols,
      slice: [0, x.cols],
      columns: slice.rows,
      firstWeight: 0,
      firstColumn: slice.firstRow,
      stride: gate.rows,
      firstSlice: true,
      lastSlice: true,
    });
  });
  return y;
}
