// Rows of a matrix in any stored format, as f32: the embedding of token ids.

import gatherWgsl from "../kernels/gather.wgsl?raw";
import { weightKernels } from "../kernel.ts";
import type { Runner } from "../runner.ts";
import { type GpuTensor, emptyTensor } from "../tensor.ts";
import type { GpuWeight } from "../weights.ts";

const kernels = weightKernels("gather", gatherWgsl, ["read", "read", "write"]);
const GROUP = 64;

export function gather(runner: Runner, W: GpuWeight, ids: Uint32Array, scale: number): GpuTensor {
  const outside = ids.find((id) => id >= W.rows);
  if (outside !== undefined) {
    throw new RangeError(`Row ${outside} of ${W.label}, which has ${W.rows}`);
  }
  const y = emptyTensor(runner, ids.length, W.cols, `rows of ${W.label}`);
  const idBuffer = runner.upload(ids, "ids");
  for (const slice of W.slices) {
    runner.dispatch({
      kernel: kernels[W.format],
      buffers: [idBuffer, slice.buffer, y.buffer],
      u32: [ids.length, W.cols / 4, slice.firstRow, slice.rows],
      f32: [scale],
      groups: [Math.ceil(W.cols / 4 / GROUP), ids.length],
    });
  }
  runner.pool.release(idBuffer);
  return y;
}
