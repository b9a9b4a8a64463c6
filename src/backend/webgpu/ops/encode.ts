// Every SAE encoder: dense activations in scratch, top-k where there is one, then compaction to sparse rows. The
// order of the pairs follows from counts alone, so that two runs agree to the bit. Long texts go in blocks of rows.

import type { Encoder } from "../../backend.ts";
import countActiveWgsl from "../kernels/count_active.wgsl?raw";
import encodeDenseWgsl from "../kernels/encode_dense.wgsl?raw";
import scanChunksWgsl from "../kernels/scan_chunks.wgsl?raw";
import scatterActiveWgsl from "../kernels/scatter_active.wgsl?raw";
import topKWgsl from "../kernels/top_k.wgsl?raw";
import { type Kernel, weightKernels } from "../kernel.ts";
import type { DeviceBuffer } from "../pool.ts";
import type { Runner } from "../runner.ts";
import { type GpuTensor, emptyTensor, expectShape, gpuTensor } from "../tensor.ts";
import { type GpuWeight, gpuWeight } from "../weights.ts";
import { GpuFeatures } from "./features.ts";
import { type RowBlock, rowBlocks, rowsPerInvocation } from "./rowBlocks.ts";

const denseKernels = weightKernels("encodeDense", encodeDenseWgsl, [
  "read",
  "read",
  "read",
  "write",
]);
const topKKernel: Kernel = { name: "topK", code: topKWgsl, bindings: ["write"] };
const countKernel: Kernel = {
  name: "countActive",
  code: countActiveWgsl,
  bindings: ["read", "write"],
};
const scanKernel: Kernel = {
  name: "scanChunks",
  code: scanChunksWgsl,
  bindings: ["write", "write"],
};
const scatterKernel: Kernel = {
  name: "scatterActive",
  code: scatterActiveWgsl,
  bindings: ["read", "read", "read", "write", "write"],
};
/** Workgroup of encode_dense.wgsl, and the vec4 columns in a chunk of the compaction. */
const DENSE_GROUP = { x: 32, y: 2 };
const CHUNK4 = 16;
const LINE_GROUP = 64;
/** Scratch of dense activations. */
const MAX_SCRATCH_BYTES = 64 * 2 ** 20;

/** A block of rows whose active values were counted. */
interface Counted {
  readonly block: RowBlock;
  readonly dense: GpuTensor;
  /** [rows, chunks]: active values of the row before the chunk. */
  readonly before: DeviceBuffer;
  readonly chunks: number;
  /** [rows] */
  readonly totals: Uint32Array;
}

export async function encode(
  runner: Runner,
  x: GpuTensor,
  { W_enc, affine, k }: Encoder,
): Promise<GpuFeatures> {
  const W = gpuWeight(W_enc);
  expectShape(x, x.rows, W.rows, `The input of ${W.label}`);
  expectShape(affine, 4, W.cols, `The epilogue of ${W.label}`);
  const rowFlops = 2 * W.rows * W.cols;
  const maxRows = Math.min(
    Math.min(runner.limits.bindingBytes, MAX_SCRATCH_BYTES) / (W.cols * 4),
    // The block is one dispatch, and is waited for.
    runner.limits.submissionFlops / rowFlops,
  );
  const blocks = rowBlocks(x.rows, 1, maxRows);
  const parts: GpuFeatures[] = [];
  try {
    for (const block of blocks) {
      const dense = denseActivations(runner, x, W, gpuTensor(affine), block);
      if (k !== null && k < W.cols) keepTopK(runner, dense, k);
      const features = scatter(runner, await countActive(runner, dense, block));
      if (blocks.length === 1) return features;
      parts.push(features);
    }
    return join(runner, parts);
  } finally {
    for (const part of parts) part.dispose();
  }
}

function denseActivations(
  runner: Runner,
  x: GpuTensor,
  W: GpuWeight,
  affine: GpuTensor,
  block: RowBlock,
): GpuTensor {
  const dense = emptyTensor(runner, block.rows, W.cols, "dense activations");
  const ROWS = rowsPerInvocation(block.rows);
  W.slices.forEach((slice, i) => {
    runner.dispatch({
      kernel: denseKernels[W.format],
      constants: { ROWS },
      buffers: [x.buffer, slice.buffer, affine.buffer, dense.buffer],
      u32: [
        block.rows,
        block.first,
        x.cols / 4,
        slice.firstRow / 4,
        slice.rows / 4,
        W.cols / 4,
        i === 0 ? 1 : 0,
        i === W.slices.length - 1 ? 1 : 0,
      ],
      groups: [
        Math.ceil(W.cols / 4 / DENSE_GROUP.x),
        Math.ceil(block.rows / (DENSE_GROUP.y * ROWS)),
      ],
      flops: 2 * block.rows * slice.rows * W.cols,
    });
  });
  return dense;
}

function keepTopK(runner: Runner, dense: GpuTensor, k: number): void {
  runner.dispatch({
    kernel: topKKernel,
    buffers: [dense.buffer],
    u32: [dense.cols, k],
    groups: [dense.rows, 1],
    flops: 10 * dense.rows * dense.cols,
  });
}

async function countActive(runner: Runner, dense: GpuTensor, block: RowBlock): Promise<Counted> {
  const chunks = Math.ceil(dense.cols / (4 * CHUNK4));
  const before = runner.pool.acquire(block.rows * chunks * 4, "active before chunk");
  const totals = runner.pool.acquire(block.rows * 4, "active in row");
  runner.dispatch({
    kernel: countKernel,
    constants: { CHUNK4 },
    buffers: [dense.buffer, before],
    u32: [block.rows, dense.cols / 4, chunks],
    groups: [Math.ceil(chunks / LINE_GROUP), block.rows],
  });
  runner.dispatch({
    kernel: scanKernel,
    buffers: [before, totals],
    u32: [block.rows, chunks],
    groups: [Math.ceil(block.rows / LINE_GROUP), 1],
  });
  try {
    const bytes = await runner.read(totals, block.rows * 4, "Counting active features");
    return { block, dense, before, chunks, totals: new Uint32Array(bytes) };
  } catch (error) {
    dense.dispose();
    runner.pool.release(before);
    throw error;
  } finally {
    runner.pool.release(totals);
  }
}

/** The block's active values as sparse rows; frees its scratch. */
function scatter(runner: Runner, { block, dense, before, chunks, totals }: Counted): GpuFeatures {
  try {
    const features = new GpuFeatures(runner, startsOf(totals));
    const { rowStart, index, value } = features.buffers;
    runner.dispatch({
      kernel: scatterKernel,
      constants: { CHUNK4 },
      buffers: [dense.buffer, before, rowStart, index, value],
      u32: [block.rows, dense.cols / 4, chunks],
      groups: [Math.ceil(chunks / LINE_GROUP), block.rows],
    });
    return features;
  } finally {
    dense.dispose();
    runner.pool.release(before);
  }
}

/** [rows + 1]: where each row starts when rows of these lengths are laid end to end. */
function startsOf(totals: Uint32Array): Uint32Array {
  const starts = new Uint32Array(totals.length + 1);
  totals.forEach((count, t) => {
    starts[t + 1] = (starts[t] ?? 0) + count;
  });
  return starts;
}

/** Sparse rows under each other. */
function join(runner: Runner, parts: readonly GpuFeatures[]): GpuFeatures {
  const totals = parts.flatMap(({ rowStartHere }) =>
    Array.from(rowStartHere.subarray(1), (end, t) => end - (rowStartHere[t] ?? 0)),
  );
  const whole = new GpuFeatures(runner, startsOf(Uint32Array.from(totals)));
  let at = 0;
  for (const part of parts) {
    for (const name of ["index", "value"] as const) {
      runner.copy(part.buffers[name], 0, whole.buffers[name], at * 4, part.count * 4);
    }
    at += part.count;
  }
  return whole;
}
