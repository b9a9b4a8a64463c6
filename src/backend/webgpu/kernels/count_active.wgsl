// How many values of each row are > 0, and how many of those stand before each run. After active.wgsl.

@group(0) @binding(2) var<storage, read_write> before: array<u32>; // [rows, RUNS]
@group(0) @binding(3) var<storage, read_write> totals: array<u32>; // [rows]

@compute @workgroup_size(RUNS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) run: u32) {
  let row = group.x;
  let offset = row * params.columns4;
  var four = vec4<u32>();
  for (var c = runStart(run); c < runStart(run + 1); c++) {
    four += vec4<u32>(dense[offset + c] > vec4<f32>());
  }
  let count = four.x + four.y + four.z + four.w;
  shares[run] = count;
  workgroupBarrier();
  var sum = 0u;
  for (var i = 0u; i < run; i++) {
    sum += shares[i];
  }
  before[row * RUNS + run] = sum;
  if (run == RUNS - 1) {
    totals[row] = sum + count;
  }
}
