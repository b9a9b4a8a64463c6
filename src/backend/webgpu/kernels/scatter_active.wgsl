// Writes the active values as (index, value) pairs, index ascending, and where each row's begin. Blocks of rows come in
// order, each going on where the one before it ended. After active.wgsl.

@group(0) @binding(2) var<storage, read> before: array<u32>; // [rows, LANES]: pairs of the row before the run
@group(0) @binding(3) var<storage, read> totals: array<u32>; // [rows]
@group(0) @binding(4) var<storage, read_write> rowStart: array<u32>; // [all rows + 1]
@group(0) @binding(5) var<storage, read_write> indices: array<u32>; // [capacity]
@group(0) @binding(6) var<storage, read_write> values: array<u32>; // [capacity]: their bits

@compute @workgroup_size(LANES, ROWS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let run = local.x;
  let row = group.x * ROWS + local.y;
  var sum = 0u;
  for (var i = run; i < min(row, params.rows); i += LANES) {
    sum += totals[i];
  }
  if (LANES > 1) {
    shares[run] = sum;
    workgroupBarrier();
    sum = 0;
    for (var i = 0u; i < LANES; i++) {
      sum += shares[i];
    }
  }
  if (row >= params.rows) {
    return;
  }
  var start = sum;
  if (params.firstRow > 0) {
    start += rowStart[params.firstRow];
  }
  if (run == 0) {
    if (params.firstRow + row == 0) {
      rowStart[0] = 0;
    }
    rowStart[params.firstRow + row + 1] = start + totals[row];
  }
  var at = start + before[row * LANES + run];
  for (var c = runStart(run); c < runStart(run + 1); c++) {
    let four = dense[row * params.columns4 + c];
    if (!any(four != vec4<u32>())) {
      continue;
    }
    for (var i = 0u; i < 4; i++) {
      if (four[i] != 0) {
        if (at < params.capacity) {
          indices[at] = 4 * c + i;
          values[at] = four[i];
        }
        at++;
      }
    }
  }
}
