// Every SAE encoder: dense activations in scratch, top-k where there is one, then compaction to sparse rows. The
// order of the pairs follows from counts alone, so that two runs agree to the bit. Long texts go in blocks of rows.
// Nothing is waited for, unless there may be more pairs than there is room for.

import type { Encoder } from "../../backend.ts";
import activeWgsl from "../kernels/active.wgsl?raw";
import countActiveWgsl from "../kernels/count_active.wgsl?raw";
import encodeWgsl from "../kernels/product_encode.wgsl?raw";
import scatterActiveWgsl from "../kernels/scatter_active.wgsl?raw";
import topKWgsl from "../kernels/top_k.wgsl?raw";
import type { Kernel } from "../kernel.ts";
import type { Runner } from "../runner.ts";
import { type GpuTensor, emptyTensor, expectShape, gpuTensor } from "../tensor.ts";
import { type GpuWeight, gpuWeight } from "../weights.ts";
import { type Density, GpuFeatures } from "./features.ts";
import { operation, recordProduct } from "./product.ts";
import { type RowBlock, rowBlocks } from "./rowBlocks.ts";
import { rowLanes } from "./rowLanes.ts";

const product = operation({
  name: "encode",
  code: encodeWgsl,
  weightsByInput: true,
  floats: { 2: (_, columns) => neutralAffine(columns) },
});
const NO_CONSTANTS = {};
const topKKernel: Kernel = { name: "topK", code: topKWgsl, bindings: ["write"] };
const countKernel: Kernel = {
  name: "countActive",
  code: activeWgsl + countActiveWgsl,
  bindings: ["read", "write", "write"],
};
const scatterKernel: Kernel = {
  name: "scatterActive",
  code: activeWgsl + scatterActiveWgsl,
  bindings: ["read", "read", "read", "write", "write", "write"],
};
/** Of active.wgsl, where several share a row. */
const LANES = 64;
const MAX_BLOCK_ROWS = 32768;
/** Scratch of dense activations. */
const MAX_SCRATCH_BYTES = 64 * 2 ** 20;
/** Of an index and a value. */
const PAIR_BYTES = 8;
/** Where room for all features would be too much: room for this share of them, and more once that was too little. */
const LIKELY_SHARE = 1 / 32;
/** Before anything was read: the SAEs that we know of have an L0 of 20 to 90. */
const FIRST_GUESS = 96;

/** What was seen of each encoder, by its matrix. */
const densities = new WeakMap<GpuWeight, Density>();

export async function encode(runner: Runner, x: GpuTensor, encoder: Encoder): Promise<GpuFeatures> {
  const W = gpuWeight(encoder.W_enc);
  expectShape(x, x.rows, W.rows, `The input of ${W.label}`);
  expectShape(encoder.affine, 4, W.cols, `The epilogue of ${W.label}`);
  const most = x.rows * Math.min(encoder.k ?? W.cols, W.cols);
  if (most * PAIR_BYTES <= runner.limits.roomBytes) return encodeInto(runner, x, encoder, most);
  let capacity = Math.ceil(most * LIKELY_SHARE);
  for (;;) {
    const features = encodeInto(runner, x, encoder, capacity);
    const count = await features.count();
    if (count <= capacity) return features;
    features.dispose();
    capacity = count;
  }
}

/** The first `capacity` pairs; where each row's begin is right even if there are more. */
function encodeInto(
  runner: Runner,
  x: GpuTensor,
  { W_enc, affine, k }: Encoder,
  capacity: number,
): GpuFeatures {
  const W = gpuWeight(W_enc);
  const density = densities.get(W) ?? { pairsPerRow: FIRST_GUESS };
  densities.set(W, density);
  const features = new GpuFeatures(runner, x.rows, capacity, density);
  const maxRows = Math.min(
    Math.min(runner.limits.bindingBytes, MAX_SCRATCH_BYTES) / (W.cols * 4),
    runner.limits.submissionFlops / (2 * W.rows * W.cols),
    MAX_BLOCK_ROWS,
  );
  for (const block of rowBlocks(x.rows, 1, maxRows)) {
    const dense = denseActivations(runner, x, W, gpuTensor(affine), block);
    if (k !== null && k < W.cols) keepTopK(runner, dense, k);
    compact(runner, dense, block, features);
    dense.dispose();
  }
  return features;
}

/** Every feature is on, with the value ReLU(a). */
function neutralAffine(columns: number): Float32Array {
  const affine = new Float32Array(4 * columns);
  affine.fill(-1e30, columns, 2 * columns);
  affine.fill(1, 2 * columns, 3 * columns);
  return affine;
}

function denseActivations(
  runner: Runner,
  x: GpuTensor,
  W: GpuWeight,
  affine: GpuTensor,
  block: RowBlock,
): GpuTensor {
  const dense = emptyTensor(runner, block.rows, W.cols, "dense activations");
  W.slices.forEach((slice, i) => {
    recordProduct(runner, product, {
      format: W.format,
      constants: NO_CONSTANTS,
      buffers: [x.buffer, slice.buffer, affine.buffer, dense.buffer],
      rows: block.rows,
      firstRow: block.first,
      inputs: x.cols,
      slice: [slice.firstRow, slice.rows],
      columns: W.cols,
      firstWeight: 0,
      firstColumn: 0,
      stride: W.cols,
      firstSlice: i === 0,
      lastSlice: i === W.slices.length - 1,
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

/** The block's active values, behind those of the rows before it. */
function compact(runner: Runner, dense: GpuTensor, block: RowBlock, features: GpuFeatures): void {
  const lanes = rowLanes(runner, LANES);
  const before = runner.pool.acquire(block.rows * lanes.LANES * 4, "active before run");
  const totals = runner.pool.acquire(block.rows * 4, "active in row");
  const { rowStart, index, value } = features.buffers;
  const common = {
    constants: lanes,
    u32: [block.rows, dense.cols / 4, block.first, features.capacity],
    groups: [Math.ceil(block.rows / lanes.ROWS), 1],
  } as const;
  runner.dispatch({ ...common, kernel: countKernel, buffers: [dense.buffer, before, totals] });
  runner.dispatch({
    ...common,
    kernel: scatterKernel,
    buffers: [dense.buffer, before, totals, rowStart, index, value],
  });
  runner.pool.release(before);
  runner.pool.release(totals);
}
