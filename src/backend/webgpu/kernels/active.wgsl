// What counting and writing active values have in common. Values are taken as bits, 0 being off: compilers may assume of
// floats that there is no NaN, and a NaN must not be lost. Each row of `dense` is cut into LANES runs of columns, one for
// each invocation; a workgroup has ROWS rows. Before count_active.wgsl and scatter_active.wgsl.

struct Params {
  rows: u32, // of this block
  columns4: u32, // columns / 4
  firstRow: u32, // of this block, among all rows
  capacity: u32, // pairs that there is room for
}

override LANES: u32 = 64;
override ROWS: u32 = 1; // 1, or LANES is

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dense: array<vec4<u32>>; // [rows, columns4]: bits of values that are > 0, 0 or NaN

// Where a run starts in its row; the last one's end is the start of the one after it.
fn runStart(run: u32) -> u32 {
  return min(run * ((params.columns4 + LANES - 1) / LANES), params.columns4);
}

var<workgroup> shares: array<u32, LANES>;

