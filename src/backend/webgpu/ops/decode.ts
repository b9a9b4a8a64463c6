// x̂ from active features: a sum of the rows of W_dec that they wake.

import type { Decoder } from "../../backend.ts";
import decodeWgsl from "../kernels/decode.wgsl?raw";
import { weightKernels } from "../kernel.ts";
import type { Runner } from "../runner.ts";
import { type GpuTensor, emptyTensor, expectShape } from "../tensor.ts";
import { gpuWeight } from "../weights.ts";
import type { GpuFeatures } from "./features.ts";

const kernels = weightKernels("decode", decodeWgsl, [
  "read",
  "read",
  "read",
  "read",
  "read",
  "read",
  "read",
  "write",
]);
const GROUP = { x: 32, y: 2 };
const BLOCKS = 4;
/** With fewer rows an invocation makes one block alone, so that a device's cores all have some. */
const MANY_ROWS = 16;
/** How many features a row has is known on the device alone; this tells how long the work takes, roughly. */
const TYPICAL_L0 = 64;

export function decode(
  runner: Runner,
  features: GpuFeatures,
  decoder: Decoder,
  undo: GpuTensor,
): GpuTensor {
  const W = gpuWeight(decoder.W_dec);
  const b_dec = expectShape(decoder.b_dec, 1, W.cols, `The bias of ${W.label}`);
  const scale = decoder.featureScale;
  const featureScale = scale && expectShape(scale, 1, W.rows, `The feature scale of ${W.label}`);
  expectShape(undo, features.rows, 2, `The normalisation of ${W.label}`);
  const out = emptyTensor(runner, features.rows, W.cols, "reconstruction");
  const { rowStart, index, value } = features.buffers;
  const columns4 = W.cols / 4;
  const blocks = features.rows >= MANY_ROWS && columns4 > (GROUP.x * BLOCKS) / 2 ? BLOCKS : 1;
  W.slices.forEach((slice, i) => {
    runner.dispatch({
      kernel: kernels[W.format],
      constants: { FEATURE_SCALE: featureScale ? 1 : 0, BLOCKS: blocks },
      buffers: [
        rowStart,
        index,
        value,
        slice.buffer,
        b_dec.buffer,
        undo.buffer,
        (featureScale ?? b_dec).buffer,
        out.buffer,
      ],
      u32: [
        features.rows,
        columns4,
        slice.firstRow,
        slice.rows,
        i === 0 ? 1 : 0,
        i === W.slices.length - 1 ? 1 : 0,
      ],
      groups: [Math.ceil(columns4 / (GROUP.x * blocks)), Math.ceil(features.rows / GROUP.y)],
      flops: (2 * features.rows * TYPICAL_L0 * W.cols) / W.slices.length,
    });
  });
  return out;
}
