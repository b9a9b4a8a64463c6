// One row: one invocation makes four blocks, four apart, so that four neighbours read 64 neighbouring columns of W_enc
// before they go on to the next k. Down a column every step is another page of memory, which no prefetcher foresees; what a
// step brings must be used there and then. Inputs are the same for all: software adapters read them once for four.

const BLOCKS = 4u;
const LANES = 16u;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let group = groupOf(id);
  if (group.x * LANES * BLOCKS >= blocks()) {
    return;
  }
  let row = group.y;
  let block = (group.x * LANES + lane / 4 * 4) * BLOCKS + lane % 4;
  let a0 = weightsOf(block);
  let a1 = weightsOf(block + 4);
  let a2 = weightsOf(block + 8);
  let a3 = weightsOf(block + 12);
  let t = rowOf(row);
  var s0 = vec4<f32>();
  var s1 = vec4<f32>();
  var s2 = vec4<f32>();
  var s3 = vec4<f32>();
  for (var k = 0u; k < params.k4; k++) {
    let four = x[t + k];
    s0 += four * weights(a0, k);
    s1 += four * weights(a1, k);
    s2 += four * weights(a2, k);
    s3 += four * weights(a3, k);
  }
  var sums = array<vec4<f32>, BLOCKS>(s0, s1, s2, s3);
  for (var b = 0u; b < BLOCKS; b++) {
    if (block + 4 * b < blocks()) {
      begin(block + 4 * b);
      store(row, block + 4 * b, sums[b]);
    }
  }
}
