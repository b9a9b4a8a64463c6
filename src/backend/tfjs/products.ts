// Matrix products, each in the form that the device is fast at.

import {
  type Tensor2D,
  type Tensor3D,
  addN,
  concat,
  matMul,
  slice,
  stack,
  unstack,
} from "@tensorflow/tfjs-core";
import type { Device } from "./device.ts";
import { BLOCK_ROWS, type TfjsWeight } from "./weight.ts";

/** x·Bᵀ for block `i` of W's rows: [T, ≤ BLOCK_ROWS]. */
export function blockProduct(device: Device, x: Tensor2D, W: TfjsWeight, i: number): Tensor2D {
  const block = (device.anyProduct ? W.rowBlocks() : W.columnBlocks())[i];
  if (block === undefined) throw new RangeError(`block ${i} of ${W.blockCount}`);
  return matMul(x, block, false, device.anyProduct);
}

/** x·Wᵀ: [T, W.rows]. */
export function timesTransposed(device: Device, x: Tensor2D, W: TfjsWeight): Tensor2D {
  if (W.blockCount === 1) return blockProduct(device, x, W, 0);
  const parts = Array.from({ length: W.blockCount }, (_, i) => blockProduct(device, x, W, i));
  return concat(parts, 1);
}

/** x·W: [T, W.cols]. */
export function times(x: Tensor2D, W: TfjsWeight): Tensor2D {
  const blocks = W.rowBlocks();
  const parts = blocks.map((block, i) => {
    const part = blocks.length === 1 ? x : slice(x, [0, i * BLOCK_ROWS], [-1, block.shape[0]]);
    return matMul<Tensor2D>(part, block);
  });
  const only = parts[0];
  return parts.length === 1 && only !== undefined ? only : addN(parts);
}

/** a[i]·b[i] for each i: a [n, T, K], b [n, K, N] → [n, T, N]. */
export function batchProduct(device: Device, a: Tensor3D, b: Tensor3D): Tensor3D {
  if (device.anyProduct || a.shape[0] === 1) return matMul(a, b);
  const right = unstack(b) as Tensor2D[];
  const products = (unstack(a) as Tensor2D[]).map((left, i) => {
    const other = right[i];
    if (other === undefined)
      throw new RangeError(`a batch of ${a.shape[0]} times one of ${right.length}`);
    return matMul(left, other);
  });
  return stack(products) as Tensor3D;
}
