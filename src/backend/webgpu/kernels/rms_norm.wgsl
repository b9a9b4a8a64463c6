// y = x · rsqrt(mean(x²) + eps) · gain. LANES invocations share a row, with one barrier, or each has one of ROWS to itself.

struct Params {
  rows: u32,
  cols4: u32, // columns / 4
  eps: f32,
}

override LANES: u32 = 64;
override ROWS: u32 = 1; // 1, or LANES is

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>; // [T, cols4]
@group(0) @binding(2) var<storage, read> gain: array<vec4<f32>>; // [cols4]
@group(0) @binding(3) var<storage, read_write> y: array<vec4<f32>>; // [T, cols4]

var<workgroup> shares: array<f32, LANES>;

@compute @workgroup_size(LANES, ROWS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let lane = local.x;
  // Past the end, nothing.
  let t = group.x * ROWS + local.y;
  let cols4 = select(0, params.cols4, t < params.rows);
  let row = t * params.cols4;
  var squares = vec4<f32>();
  for (var c = lane; c < cols4; c += LANES) {
    let v = x[row + c];
    squares += v * v;
  }
  var total = dot(squares, vec4(1.0));
  if (LANES > 1) {
    shares[lane] = total;
    workgroupBarrier();
    total = 0.0;
    for (var i = 0u; i < LANES; i++) {
      total += shares[i];
    }
  }
  let factor = inverseSqrt(total / f32(4 * params.cols4) + params.eps);
  for (var c = lane; c < cols4; c += LANES) {
    y[row + c] = x[row + c] * factor * gain[c];
  }
}
