// Products x·M of rows with a matrix in any stored format: which kernel, for which layout of the work, and how it is
// dispatched. The operations (linear, gatedMlp, encode) say what M is; kernels/product.wgsl says how the parts fit.

import type { Precision } from "../../../lib/report.ts";
import productWgsl from "../kernels/product.wgsl?raw";
import quadWgsl from "../kernels/product_quad.wgsl?raw";
import sharedWgsl from "../kernels/product_shared.wgsl?raw";
import tileWgsl from "../kernels/product_tile.wgsl?raw";
import vectorWgsl from "../kernels/product_vector.wgsl?raw";
import { type Kernel, weightKernels } from "../kernel.ts";
import type { DeviceBuffer } from "../pool.ts";
import type { Runner } from "../runner.ts";
import type { Layout, Variant } from "../variants.ts";
import { rowBlocks } from "./rowBlocks.ts";

const LAYOUTS: Readonly<Record<Layout, string>> = {
  tile: tileWgsl,
  quad: quadWgsl,
  vector: vectorWgsl,
  shared: sharedWgsl,
};

/** What a product computes; one object for each operation. */
export interface Operation {
  readonly name: string;
  /** Outputs of a block of four sums. */
  readonly columnsOfBlock: number;
  readonly kernels: Readonly<Record<Layout, Readonly<Record<Precision, Kernel>>>>;
}

/** @param code of kernels/product_<operation>.wgsl; `bindings` are x and its own. */
export function operation(
  name: string,
  code: string,
  columnsOfBlock: number,
  bindings: Kernel["bindings"] = ["read", "read", "read", "write"],
): Operation {
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
    kernels: {
      tile: kernels("tile"),
      quad: kernels("quad"),
      vector: kernels("vector"),
      shared: kernels("shared"),
    },
  };
}

export interface Product {
  readonly format: Precision;
  /** Override constants of the operation. */
  readonly constants: Readonly<Record<string, number>>;
  /** x, the operation's own, and what is written. */
  readonly buffers: readonly DeviceBuffer[];
  readonly rows: number;
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

const NONE = [0, 0] as const;

/** Records it, in blocks of rows where it would take long. */
export function recordProduct(
  runner: Runner,
  { kernels, columnsOfBlock }: Operation,
  product: Product,
): void {
  const { columns, rows, furtherColumns = NONE } = product;
  const [firstK, count] = product.slice;
  let blocks = 0;
  for (const n of [columns, ...furtherColumns]) blocks += Math.ceil(n / columnsOfBlock);
  const variant = runner.variants.choose(rows);
  const rowFlops = 8 * blocks * count;
  for (const block of rowBlocks(rows, rowFlops, runner.limits.submissionFlops)) {
    runner.dispatch({
      kernel: kernels[variant.layout][product.format],
      constants: { ...product.constants, ...variant.constants },
      buffers: product.buffers,
      u32: [
        block.rows,
        product.firstRow + block.first,
        product.inputs / 4,
        firstK / 4,
        count / 4,
        columns,
        product.firstWeight,
        product.firstColumn,
        product.stride,
        block.first,
        product.firstSlice ? 1 : 0,
        product.lastSlice ? 1 : 0,
        ...furtherColumns,
      ],
      groups: groupsOf(variant, block.rows, blocks),
      flops: block.rows * rowFlops,
    });
  }
}

/** Workgroups in x and y. */
function groupsOf({ group }: Variant, rows: number, blocks: number): readonly [number, number] {
  return [Math.ceil(blocks / group.blocks), Math.ceil(rows / group.rows)];
}
