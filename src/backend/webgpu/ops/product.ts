// Products x·M of rows with a matrix in any stored format: which kernel, for which layout of the work, and how it is
// dispatched. The operations (linear, gatedMlp, encode) say what M is; kernels/product.wgsl says how the parts fit.

import type { Precision } from "../../../lib/report.ts";
import productWgsl from "../kernels/product.wgsl?raw";
import quadWgsl from "../kernels/product_quad.wgsl?raw";
import sharedWgsl from "../kernels/product_shared.wgsl?raw";
import tileWgsl from "../kernels/product_tile.wgsl?raw";
import vectorWgsl from "../kernels/product_vector.wgsl?raw";
import wideWgsl from "../kernels/product_wide.wgsl?raw";
import { type Constants, type Kernel, weightKernels } from "../kernel.ts";
import type { DeviceBuffer } from "../pool.ts";
import type { Runner } from "../runner.ts";
import type { Layout, Operation, Variant } from "../variants.ts";
import { type RowBlock, rowBlocks } from "./rowBlocks.ts";

const LAYOUTS: Readonly<Record<Layout, string>> = {
  tile: tileWgsl,
  quad: quadWgsl,
  wide: wideWgsl,
  vector: vectorWgsl,
  shared: sharedWgsl,
};

/** @param code of kernels/product_<operation>.wgsl; `bindings` are x and its own. */
export function operation({
  name,
  code,
  columnsOfBlock = 4,
  three = false,
  weightsByInput = false,
  without = [],
  floats = {},
  bindings = ["read", "read", "read", "write"],
}: Pick<Operation, "name"> &
  Partial<Omit<Operation, "kernels">> & {
    readonly code: string;
    readonly bindings?: Kernel["bindings"];
  }): Operation {
  const kernels = (layout: Layout) =>
    weightKernels(
      `${name} ${layout}`,
      productWgsl + code + LAYOUTS[layout],
      bindings,
      layout === "quad" ? "enable subgroups;\n" : "",
    );
  return {
    name,
    columnsOfBlock,
    three,
    weightsByInput,
    without,
    floats,
    kernels: {
      tile: kernels("tile"),
      quad: kernels("quad"),
      wide: kernels("wide"),
      vector: kernels("vector"),
      shared: kernels("shared"),
    },
  };
}

/** Where a product reads and writes. */
export interface Extent {
  /** Of x, the first that is made. */
  readonly firstRow: number;
  /** Columns of x. */
  readonly inputs: number;
  /** Of those, the ones that are multiplied: [first, first + count). */
  readonly slice: readonly [number, number];
  readonly columns: number;
  /** Of two further matrices, where there are any. */
  readonly furtherColumns?: readonly [number, number];
  readonly firstWeight: number;
  /** Where column 0 stands in what is written, and how many columns that has. */
  readonly firstColumn: number;
  readonly stride: number;
  readonly firstSlice: boolean;
  readonly lastSlice: boolean;
}

export interface Product extends Extent {
  readonly format: Precision;
  /** Override constants of the operation. */
  readonly constants: Constants;
  /** x, the operation's own, and what is written. */
  readonly buffers: readonly DeviceBuffer[];
  readonly rows: number;
}

const NONE = [0, 0] as const;

/** Records it, in blocks of rows where it would take long. */
export function recordProduct(runner: Runner, what: Operation, product: Product): void {
  const { rows, format, constants, slice } = product;
  const blocks = blocksOf(what, product);
  const variant = runner.variants.choose(what, format, rows, blocks, constants);
  const rowFlops = 8 * blocks * slice[1];
  for (const block of rowBlocks(rows, rowFlops, runner.limits.submissionFlops)) {
    runner.dispatch({
      kernel: what.kernels[variant.layout][format],
      constants: { ...constants, ...variant.constants },
      buffers: product.buffers,
      u32: productParams(product, block),
      groups: groupsOf(variant, block.rows, blocks),
      flops: block.rows * rowFlops,
    });
  }
}

/** Blocks of four sums in a row. */
export function blocksOf(
  { columnsOfBlock }: Operation,
  { columns, furtherColumns = NONE }: Extent,
): number {
  let blocks = Math.ceil(columns / columnsOfBlock);
  for (const further of furtherColumns) blocks += Math.ceil(further / columnsOfBlock);
  return blocks;
}

/** `Params` of kernels/product.wgsl. */
export function productParams(extent: Extent, block: RowBlock): number[] {
  const { slice, furtherColumns = NONE } = extent;
  return [
    block.rows,
    extent.firstRow + block.first,
    extent.inputs / 4,
    slice[0] / 4,
    slice[1] / 4,
    extent.columns,
    extent.firstWeight,
    extent.firstColumn,
    extent.stride,
    block.first,
    extent.firstSlice ? 1 : 0,
    extent.lastSlice ? 1 : 0,
    furtherColumns[0],
    furtherColumns[1],
  ];
}

/** Of kernels/product.wgsl. */
const STRIP = 16;

/**
 * Workgroups in x, y and z: a strip of columns, all of its rows, then the next strip. So what was read of the weights is
 * still in a cache when the next rows want it.
 */
export function groupsOf(
  { group }: Variant,
  rows: number,
  blocks: number,
): readonly [x: number, y: number, z: number] {
  const across = Math.ceil(blocks / group.blocks);
  return [Math.min(across, STRIP), Math.ceil(rows / group.rows), Math.ceil(across / STRIP)];
}
