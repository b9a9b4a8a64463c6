// One invocation makes ROWS × 4 sums in registers from vec4 loads along k. No workgroup memory, whose barriers are slow
// in software.

override ROWS: u32 = 8; // 1, 4 or 8

const ACROSS = 16u;
const DOWN = 4u;

@compute @workgroup_size(ACROSS, DOWN)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let group = groupOf(id);
  let block = group.x * ACROSS + local.x;
  let row = (group.y * DOWN + local.y) * ROWS;
  if (block >= blocks() || row >= params.rows) {
    return;
  }
  let at = weightsOf(block);
  let k4 = params.k4;
  let t0 = rowOf(row);
  let t1 = rowOf(row + 1);
  let t2 = rowOf(row + 2);
  let t3 = rowOf(row + 3);
  let t4 = rowOf(row + 4);
  let t5 = rowOf(row + 5);
  let t6 = rowOf(row + 6);
  let t7 = rowOf(row + 7);
  var s0 = vec4<f32>();
  var s1 = vec4<f32>();
  var s2 = vec4<f32>();
  var s3 = vec4<f32>();
  var s4 = vec4<f32>();
  var s5 = vec4<f32>();
  var s6 = vec4<f32>();
  var s7 = vec4<f32>();
  for (var k = 0u; k < k4; k++) {
    let w = weights(at, k);
    s0 += x[t0 + k] * w;
    if (ROWS >= 4) {
      s1 += x[t1 + k] * w;
      s2 += x[t2 + k] * w;
      s3 += x[t3 + k] * w;
    }
    if (ROWS >= 8) {
      s4 += x[t4 + k] * w;
      s5 += x[t5 + k] * w;
      s6 += x[t6 + k] * w;
      s7 += x[t7 + k] * w;
    }
  }
  var sums = array<vec4<f32>, 8>(s0, s1, s2, s3, s4, s5, s6, s7);
  begin(block);
  for (var i = 0u; i < min(ROWS, params.rows - row); i++) {
    store(row + i, block, sums[i]);
  }
}
