// A matrix on one of tfjs' backends, in blocks of rows: no block outgrows a GPU binding, a tile of the vocabulary is a
// block of E, and bytes become tensors as they arrive. What reads it (rows.ts, products.ts) picks the layout.
// tfjs computes in f32 alone: int8 and int4 are quantised and widened at once, which gives their numbers and saves nothing.

import { type Tensor2D, keep, tensor2d, tidy, transpose } from "@tensorflow/tfjs-core";
import { decodeFloats, FORMAT_DTYPES } from "../../lib/dtype.ts";
import { FacetError } from "../../lib/errors.ts";
import { rowBytes } from "../../lib/precision.ts";
import { isQuantFormat, roundToFormat } from "../../lib/quantize.ts";
import type { Precision } from "../../lib/report.ts";
import type { Weight, WeightSpec, WeightWriter } from "../backend.ts";
import { keptFormat } from "../keptFormat.ts";
import type { Device } from "./device.ts";

/** Rows of a block: a power of two. T·BLOCK_ROWS logits exist at a time. */
export const BLOCK_ROWS = 2048;

interface Block {
  /** [rows, cols], or null once only the transpose was needed. */
  rows: Tensor2D | null;
  /** [cols, rows], made when first needed. */
  columns: Tensor2D | null;
}

export class TfjsWeight implements Weight {
  readonly rows: number;
  readonly cols: number;
  readonly format: Precision;
  readonly #blocks: Block[];
  readonly #onDispose: (weight: TfjsWeight) => void;
  #rowsAreRead = false;

  constructor(
    spec: WeightSpec,
    blocks: readonly Tensor2D[],
    onDispose: (weight: TfjsWeight) => void,
  ) {
    this.rows = spec.rows;
    this.cols = spec.cols;
    const kept = keptFormat(spec);
    this.format = isQuantFormat(kept) ? kept : "f32";
    this.#blocks = blocks.map((rows) => ({ rows, columns: null }));
    this.#onDispose = onDispose;
  }

  get blockCount(): number {
    return this.#blocks.length;
  }

  get bytes(): number {
    const layouts = this.#blocks.flatMap(({ rows, columns }) => [rows, columns]);
    return layouts.reduce((sum, layout) => sum + (layout === null ? 0 : layout.size * 4), 0);
  }

  /** Blocks of rows, [≤ BLOCK_ROWS, cols] each. Valid until the weight is disposed. */
  rowBlocks(): readonly Tensor2D[] {
    this.#rowsAreRead = true;
    return this.#blocks.map((block) => (block.rows ??= flipped(block.columns)));
  }

  /** The same blocks transposed, [cols, ≤ BLOCK_ROWS] each. They take the rows' place unless rows were read before. */
  columnBlocks(): readonly Tensor2D[] {
    return this.#blocks.map((block) => {
      block.columns ??= flipped(block.rows);
      if (!this.#rowsAreRead) {
        block.rows?.dispose();
        block.rows = null;
      }
      return block.columns;
    });
  }

  dispose(): void {
    for (const { rows, columns } of this.#blocks.splice(0)) {
      rows?.dispose();
      columns?.dispose();
    }
    this.#onDispose(this);
  }
}

function flipped(x: Tensor2D | null): Tensor2D {
  if (x === null) throw new Error("a block of a weight has neither layout");
  // Kept: whoever needed it may be in a tidy of their own.
  return keep(tidy(() => transpose(x)));
}

/** `makeCurrent` makes the device tfjs' own choice; `adopt` and `drop` keep the owner's books. */
export function weightWriter(
  spec: WeightSpec,
  device: Device,
  makeCurrent: () => void,
  adopt: (weight: TfjsWeight) => void,
  drop: (weight: TfjsWeight) => void,
): WeightWriter {
  const kept = keptFormat(spec);
  const bytesPerRow = rowBytes(spec.format, spec.cols);
  const expected = spec.rows * bytesPerRow;
  let blocks: Tensor2D[] = [];
  let received = 0;
  let pending: Uint8Array<ArrayBuffer> | null = null;
  let filled = 0;

  /** Takes what fits into the block being filled; returns how many bytes that was. */
  const fill = (bytes: Uint8Array): number => {
    const rowsLeft = spec.rows - blocks.length * BLOCK_ROWS;
    pending ??= new Uint8Array(Math.min(BLOCK_ROWS, rowsLeft) * bytesPerRow);
    const taken = Math.min(bytes.length, pending.length - filled);
    pending.set(taken === bytes.length ? bytes : bytes.subarray(0, taken), filled);
    filled += taken;
    if (filled === pending.length) {
      const values = decodeFloats(pending, FORMAT_DTYPES[spec.format], spec.label);
      if (isQuantFormat(kept)) roundToFormat(kept, values, spec.cols, spec.label);
      pending = null;
      filled = 0;
      // Twice: for the transpose, or for the copy that XNNPACK packs when it first multiplies by it.
      device.reserve(2 * values.byteLength, spec.label);
      makeCurrent();
      blocks.push(tensor2d(values, [values.length / spec.cols, spec.cols]));
    }
    return taken;
  };

  const abort = (): void => {
    for (const block of blocks) block.dispose();
    blocks = [];
    pending = null;
  };

  return {
    write(bytes) {
      received += bytes.length;
      if (received > expected) return; // finish() tells
      let rest = bytes;
      while (rest.length > 0) rest = rest.subarray(fill(rest));
    },
    finish() {
      if (received !== expected) {
        abort();
        throw new FacetError(
          "Format",
          `Reading ${spec.label}: ${received} bytes came, [${spec.rows}, ${spec.cols}] in ${spec.format} has ${expected}. Fetch the file again.`,
        );
      }
      const weight = new TfjsWeight(spec, blocks, drop);
      blocks = [];
      adopt(weight);
      return weight;
    },
    abort,
  };
}
