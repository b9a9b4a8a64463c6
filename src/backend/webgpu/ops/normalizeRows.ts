// The normalisation of an SAE's input, and what undoes it.

import type { NormalizedRows, RowNormalization } from "../../backend.ts";
import normalizeRowsWgsl from "../kernels/normalize_rows.wgsl?raw";
import type { Kernel } from "../kernel.ts";
import type { Runner } from "../runner.ts";
import { type GpuTensor, emptyTensor, expectShape } from "../tensor.ts";
import { lanesFor } from "./rmsNorm.ts";

const kernel: Kernel = {
  name: "normalizeRows",
  code: normalizeRowsWgsl,
  bindings: ["read", "read", "write", "write"],
};
/** The kernel's names for them. */
const KIND: Readonly<Record<RowNormalization["kind"], number>> = {
  none: 0,
  scale: 1,
  constant_norm_rescale: 2,
  layer_norm: 3,
};

export function normalizeRows(
  runner: Runner,
  x: GpuTensor,
  how: RowNormalization,
  subtract: GpuTensor | null,
): NormalizedRows {
  if (subtract) expectShape(subtract, 1, x.cols, "What normalizeRows subtracts");
  const rows = emptyTensor(runner, x.rows, x.cols, "sae input");
  const undo = emptyTensor(runner, x.rows, 2, "undo");
  runner.dispatch({
    kernel,
    constants: { KIND: KIND[how.kind], SUBTRACT: subtract ? 1 : 0, LANES: lanesFor(x.cols) },
    buffers: [x.buffer, (subtract ?? x).buffer, rows.buffer, undo.buffer],
    u32: [x.cols],
    f32: [how.kind === "scale" ? how.factor : 1],
    groups: [x.rows, 1],
  });
  return { rows, undo };
}
