// What every product x·M has in common, whatever M is made of and however the work is laid out. Columns are made in
// blocks of four sums. After a weight format's file; the operation follows (product_linear.wgsl, product_gated.wgsl,
// product_linears.wgsl, product_encode.wgsl), then the layout (product_tile.wgsl, product_quad.wgsl, product_wide.wgsl,
// product_vector.wgsl, product_shared.wgsl).
//
// An operation says how many `blocks` there are, where those of the weights begin that make one (`weightsOf`), gives
// four by four of them from k on (`weights`: x₄ · it is what four inputs add to the four sums), and knows what becomes
// of the sums (`store`, once `begin` has read what it needs for every row of a block).

struct Params {
  rows: u32, // of this dispatch
  firstRow: u32, // of them, in x
  xStride4: u32, // columns of x / 4
  firstK4: u32, // first of x's columns / 4
  k4: u32, // how many of them / 4
  columns: u32, // of this dispatch
  firstWeight: u32, // row of the weights that makes column 0
  firstColumn: u32, // where column 0 stands in y
  stride: u32, // columns of y
  outRow: u32, // where row 0 stands in y
  firstSlice: u32, // 1 where nothing was summed before
  lastSlice: u32, // 1 where the sums are complete
  columns1: u32, // of further matrices
  columns2: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>; // [T, xStride4]

// Workgroups come in strips of columns, each for all rows before the next (groupsOf in ops/product.ts): which one it is
// of those across, and of those down. Past the last one across, nothing is to be made.
const STRIP = 16u;
fn groupOf(group: vec3<u32>) -> vec2<u32> {
  return vec2(group.z * STRIP + group.x, group.y);
}

// Rows and columns past the end repeat the last one, and are not stored.
fn rowOf(row: u32) -> u32 {
  return (params.firstRow + min(row, params.rows - 1)) * params.xStride4 + params.firstK4;
}

