// What counting and writing active values have in common: each row of `dense` is a workgroup's, and is cut into RUNS
// runs of columns, one for each invocation. Before count_active.wgsl and scatter_active.wgsl.

struct Params {
  columns4: u32, // columns / 4
  firstRow: u32, // of this block, among all rows
  capacity: u32, // pairs that there is room for
}

const RUNS = 64u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dense: array<vec4<f32>>; // [rows, columns4]

// Where a run starts in its row; the last one's end is the start of the one after it.
fn runStart(run: u32) -> u32 {
  return min(run * ((params.columns4 + RUNS - 1) / RUNS), params.columns4);
}

var<workgroup> shares: array<u32, RUNS>;

