// How many values of each row are on, and how many of those stand before each run. After active.wgsl.

@group(0) @binding(2) var<storage, read_write> before: array<u32>; // [rows, LANES]
@group(0) @binding(3) var<storage, read_write> totals: array<u32>; // [rows]

@compute @workgroup_size(LANES, ROWS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let run = local.x;
  let row = group.x * ROWS + local.y;
  let offset = row * params.columns4;
  let end = select(0, runStart(run + 1), row < params.rows);
  var four = vec4<u32>();
  for (var c = runStart(run); c < end; c++) {
    four += vec4<u32>(dense[offset + c] != vec4<u32>());
  }
  let count = four.x + four.y + four.z + four.w;
  var sum = 0u;
  if (LANES > 1) {
    shares[run] = count;
    workgroupBarrier();
    for (var i = 0u; i < run; i++) {
      sum += shares[i];
    }
  }
  if (row >= params.rows) {
    return;
  }
  before[row * LANES + run] = sum;
  if (run == LANES - 1) {
    totals[row] = sum + count;
  }
}
