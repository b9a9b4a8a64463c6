// Softmax statistics of the logits x·Eᵀ, over tiles of the vocabulary: [T, V] is never stored.

import { LOGIT_STATS_COLUMNS } from "../../backend.ts";
import logitStatsWgsl from "../kernels/logit_stats.wgsl?raw";
import type { Kernel } from "../kernel.ts";
import type { Runner } from "../runner.ts";
import { type GpuTensor, emptyTensor, expectShape } from "../tensor.ts";
import type { GpuWeight, Slice } from "../weights.ts";
import { linearPart } from "./linear.ts";

const kernel: Kernel = {
  name: "logitStats",
  code: logitStatsWgsl,
  bindings: ["read", "read", "read", "write", "write"],
};
/** f32 words of `Running` in the kernel. */
const RUNNING_WORDS = 8;
/** Columns of a tile: many dispatches for small tiles against much scratch for large ones. */
const SMALL_TILE = 1024;
const LARGE_TILE = 8192;
const LARGE_VOCABULARY = 32768;
const MAX_SCRATCH_BYTES = 16 * 2 ** 20;

interface Tile {
  readonly slice: Slice;
  /** Within the slice. */
  readonly firstWeight: number;
  readonly columns: number;
}

/** Tiles of the vocabulary, none of them over two slices. */
export function planTiles(slices: readonly Slice[], vocabulary: number, rows: number): Tile[] {
  const wanted = vocabulary < LARGE_VOCABULARY ? SMALL_TILE : LARGE_TILE;
  const fitting = Math.floor(MAX_SCRATCH_BYTES / 4 / rows);
  const step = Math.max(64, Math.min(wanted, fitting));
  return slices.flatMap((slice) => {
    const tiles: Tile[] = [];
    for (let firstWeight = 0; firstWeight < slice.rows; firstWeight += step) {
      tiles.push({ slice, firstWeight, columns: Math.min(step, slice.rows - firstWeight) });
    }
    return tiles;
  });
}

export function logitStats(
  runner: Runner,
  a: GpuTensor,
  E: GpuWeight,
  targets: Uint32Array,
  b: GpuTensor | null,
): GpuTensor {
  expectShape(a, targets.length, E.cols, `The stream for ${E.label}`);
  if (b) expectShape(b, a.rows, a.cols, `The second stream for ${E.label}`);
  const stats = emptyTensor(runner, a.rows, LOGIT_STATS_COLUMNS, "logit stats");
  const running = emptyTensor(runner, a.rows, RUNNING_WORDS, "running logit stats");
  const targetBuffer = runner.upload(targets, "targets");
  const tiles = planTiles(E.slices, E.rows, a.rows);
  tiles.forEach((tile, i) => {
    const { slice, firstWeight, columns } = tile;
    const stride = Math.ceil(columns / 4) * 4;
    const logits = (x: GpuTensor): GpuTensor => {
      const y = emptyTensor(runner, x.rows, stride, "logits of a tile");
      linearPart(runner, {
        x,
        format: E.format,
        slice,
        firstWeight,
        columns,
        y: y.buffer,
        stride,
        firstColumn: 0,
        add: null,
      });
      return y;
    };
    const logitsA = logits(a);
    const logitsB = b && logits(b);
    runner.dispatch({
      kernel,
      constants: { PAIR: b ? 1 : 0 },
      buffers: [
        logitsA.buffer,
        (logitsB ?? logitsA).buffer,
        targetBuffer,
        running.buffer,
        stats.buffer,
      ],
      u32: [
        columns,
        stride / 4,
        slice.firstRow + firstWeight,
        i === 0 ? 1 : 0,
        i === tiles.length - 1 ? 1 : 0,
      ],
      groups: [a.rows, 1],
      flops: 20 * a.rows * columns,
    });
    logitsA.dispose();
    logitsB?.dispose();
  });
  running.dispose();
  runner.pool.release(targetBuffer);
  return stats;
}
