// Rows of matrices, by number. Where tensors lie in JavaScript's reach, rows are copied or summed there: tfjs' own
// gather on wasm takes 50 ns a value, and its slice copies the whole tensor first.

import {
  type Tensor2D,
  concat,
  gather,
  matMul,
  mul,
  tensor1d,
  tensor2d,
  tidy,
} from "@tensorflow/tfjs-core";
import { defined } from "../../lib/defined.ts";
import type { SparseRows } from "../backend.ts";
import type { Device } from "./device.ts";
import { BLOCK_ROWS, type TfjsWeight } from "./weight.ts";

/** Rows `ids` of W: [ids.length, cols]. */
export function gatherRows(device: Device, W: TfjsWeight, ids: ArrayLike<number>): Tensor2D {
  for (let i = 0; i < ids.length; i++) {
    if (!(defined(ids[i]) < W.rows)) throw new RangeError(`row ${ids[i]} of ${W.rows}`);
  }
  if (device.view === null) return gatherOnDevice(W, ids);
  const blocks = W.rowBlocks().map(device.view);
  const out = new Float32Array(ids.length * W.cols);
  for (let i = 0; i < ids.length; i++) out.set(rowOf(blocks, W.cols, defined(ids[i])), i * W.cols);
  return tensor2d(out, [ids.length, W.cols]);
}

function rowOf(blocks: readonly Float32Array[], cols: number, id: number): Float32Array {
  const block = blocks[Math.floor(id / BLOCK_ROWS)];
  if (block === undefined) throw new RangeError(`row ${id} is in no block`);
  const start = (id % BLOCK_ROWS) * cols;
  return block.subarray(start, start + cols);
}

function gatherOnDevice(W: TfjsWeight, ids: ArrayLike<number>): Tensor2D {
  const blocks = W.rowBlocks();
  const only = blocks[0];
  if (blocks.length === 1 && only !== undefined) return gather(only, int32(ids));
  // Block by block, then back into the order asked for.
  const byBlock = blocks.map((): { from: number[]; to: number[] } => ({ from: [], to: [] }));
  for (let i = 0; i < ids.length; i++) {
    const id = defined(ids[i]);
    const part = byBlock[Math.floor(id / BLOCK_ROWS)];
    part?.from.push(id % BLOCK_ROWS);
    part?.to.push(i);
  }
  const parts = blocks.flatMap((block, b) => {
    const from = byBlock[b]?.from ?? [];
    return from.length === 0 ? [] : [gather(block, int32(from))];
  });
  const place = new Int32Array(ids.length);
  byBlock.flatMap(({ to }) => to).forEach((i, at) => (place[i] = at));
  return gather(concat(parts, 0), int32(place));
}

/** f·W for sparse f, touching only rows of active features: [T, cols]. `scale` [1, W.rows] multiplies f. */
export function sumActiveRows(
  device: Device,
  f: SparseRows,
  W: TfjsWeight,
  scale: Tensor2D | null,
): Tensor2D {
  return device.view === null
    ? sumOnDevice(device, f, W, scale)
    : sumInPlace(device.view, f, W, scale);
}

function sumInPlace(
  view: NonNullable<Device["view"]>,
  f: SparseRows,
  W: TfjsWeight,
  scale: Tensor2D | null,
): Tensor2D {
  const blocks = W.rowBlocks().map(view);
  const scales = scale === null ? null : view(scale);
  const rows = f.rowStart.length - 1;
  const out = new Float32Array(rows * W.cols);
  const sum = new Float64Array(W.cols);
  for (let t = 0; t < rows; t++) {
    sum.fill(0);
    for (let j = defined(f.rowStart[t]); j < defined(f.rowStart[t + 1]); j++) {
      const feature = defined(f.index[j]);
      const value = defined(f.value[j]) * (scales === null ? 1 : defined(scales[feature]));
      const row = rowOf(blocks, W.cols, feature);
      for (let c = 0; c < sum.length; c++) sum[c] = defined(sum[c]) + value * defined(row[c]);
    }
    out.set(sum, t * W.cols);
  }
  return tensor2d(out, [rows, W.cols]);
}

/** Tokens decoded at a time on a device: their active features are gathered once and shared. */
const TOKENS_AT_A_TIME = 32;

function sumOnDevice(
  device: Device,
  f: SparseRows,
  W: TfjsWeight,
  scale: Tensor2D | null,
): Tensor2D {
  const rows = f.rowStart.length - 1;
  const parts: Tensor2D[] = [];
  for (let start = 0; start < rows; start += TOKENS_AT_A_TIME) {
    const end = Math.min(rows, start + TOKENS_AT_A_TIME);
    parts.push(tidy(() => sumUnion(device, f, start, end, W, scale)));
  }
  return concat(parts, 0);
}

/** Tokens start to end: the union of their active rows, times their values laid out densely over that union. */
function sumUnion(
  device: Device,
  f: SparseRows,
  start: number,
  end: number,
  W: TfjsWeight,
  scale: Tensor2D | null,
): Tensor2D {
  const [first, last] = [defined(f.rowStart[start]), defined(f.rowStart[end])];
  const union = Uint32Array.from(new Set(f.index.subarray(first, last))).toSorted();
  // A matrix cannot have 0 rows; row 0 times 0 is nothing.
  const active = union.length === 0 ? Uint32Array.of(0) : union;
  const column = new Map(Array.from(active, (feature, i) => [feature, i]));
  const values = new Float32Array((end - start) * active.length);
  for (let t = start; t < end; t++) {
    for (let j = defined(f.rowStart[t]); j < defined(f.rowStart[t + 1]); j++) {
      values[(t - start) * active.length + defined(column.get(defined(f.index[j])))] = defined(
        f.value[j],
      );
    }
  }
  const dense = tensor2d(values, [end - start, active.length]);
  const scaled = scale === null ? dense : mul<Tensor2D>(dense, gather(scale, int32(active), 1));
  return matMul(scaled, gatherRows(device, W, active));
}

function int32(values: ArrayLike<number>): ReturnType<typeof tensor1d> {
  return tensor1d(Int32Array.from(values), "int32");
}
