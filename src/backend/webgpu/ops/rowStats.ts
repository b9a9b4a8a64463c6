// The sums over a row that the reconstruction metrics are made of.

import { ROW_STATS_COLUMNS } from "../../backend.ts";
import rowStatsWgsl from "../kernels/row_stats.wgsl?raw";
import type { Kernel } from "../kernel.ts";
import type { Runner } from "../runner.ts";
import { type GpuTensor, emptyTensor, expectShape } from "../tensor.ts";
import { lanesFor } from "./rmsNorm.ts";

const kernel: Kernel = {
  name: "rowStats",
  code: rowStatsWgsl,
  bindings: ["read", "read", "write"],
};

export function rowStats(runner: Runner, x: GpuTensor, y: GpuTensor): GpuTensor {
  expectShape(y, x.rows, x.cols, "The second tensor of rowStats");
  const stats = emptyTensor(runner, x.rows, ROW_STATS_COLUMNS, "row stats");
  runner.dispatch({
    kernel,
    constants: { LANES: lanesFor(x.cols) },
    buffers: [x.buffer, y.buffer, stats.buffer],
    u32: [x.cols],
    groups: [x.rows, 1],
  });
  return stats;
}
