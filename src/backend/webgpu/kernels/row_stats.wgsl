// x·x, x·y, y·y and ‖x − y‖² of each row. One workgroup makes one row, with one barrier.

struct Params {
  cols: u32,
}

override LANES: u32 = 64;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [T, cols]
@group(0) @binding(2) var<storage, read> y: array<f32>; // [T, cols]
@group(0) @binding(3) var<storage, read_write> stats: array<vec4<f32>>; // [T]

var<workgroup> shares: array<vec4<f32>, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x * params.cols;
  var sums = vec4<f32>();
  for (var c = lane; c < params.cols; c += LANES) {
    let a = x[row + c];
    let b = y[row + c];
    sums += vec4(a * a, a * b, b * b, (a - b) * (a - b));
  }
  shares[lane] = sums;
  workgroupBarrier();
  if (lane == 0) {
    for (var i = 1u; i < LANES; i++) {
      sums += shares[i];
    }
    stats[group.x] = sums;
  }
}
