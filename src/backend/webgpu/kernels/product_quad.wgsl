// As product_tile.wgsl, but each of four neighbouring invocations loads a quarter of the inputs and hands it to the other
// three: loads are what software adapters are slowest at. With one row, a quarter is every fourth k, else every fourth
// row. Nobody leaves before the end, since all four are needed until then: so a workgroup has no more rows than ROWS.

override ROWS: u32 = 8; // 1, 4 or 8

const LANES = 16u;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) index: u32) {
  let group = groupOf(id);
  if (group.x * LANES >= blocks()) {
    return;
  }
  let block = group.x * LANES + index;
  let row = group.y * ROWS;
  let lane = index % 4;
  let at = weightsOf(block);
  let k4 = params.k4;
  var s0 = vec4<f32>();
  var s1 = vec4<f32>();
  var s2 = vec4<f32>();
  var s3 = vec4<f32>();
  var s4 = vec4<f32>();
  var s5 = vec4<f32>();
  var s6 = vec4<f32>();
  var s7 = vec4<f32>();
  if (ROWS == 1) {
    let t = rowOf(row);
    for (var k = 0u; k < k4; k += 4) {
      // Past the end, nothing of the last weights.
      let four = select(vec4<f32>(), x[t + min(k + lane, k4 - 1)], k + lane < k4);
      s0 += quadBroadcast(four, 0u) * weights(at, k);
      s0 += quadBroadcast(four, 1u) * weights(at, min(k + 1, k4 - 1));
      s0 += quadBroadcast(four, 2u) * weights(at, min(k + 2, k4 - 1));
      s0 += quadBroadcast(four, 3u) * weights(at, min(k + 3, k4 - 1));
    }
  } else {
    let t = rowOf(row + lane);
    let t4 = rowOf(row + 4 + lane);
    for (var k = 0u; k < k4; k++) {
      let w = weights(at, k);
      let four = x[t + k];
      s0 += quadBroadcast(four, 0u) * w;
      s1 += quadBroadcast(four, 1u) * w;
      s2 += quadBroadcast(four, 2u) * w;
      s3 += quadBroadcast(four, 3u) * w;
      if (ROWS >= 8) {
        let next = x[t4 + k];
        s4 += quadBroadcast(next, 0u) * w;
        s5 += quadBroadcast(next, 1u) * w;
        s6 += quadBroadcast(next, 2u) * w;
        s7 += quadBroadcast(next, 3u) * w;
      }
    }
  }
  if (block >= blocks() || row >= params.rows) {
    return;
  }
  var sums = array<vec4<f32>, 8>(s0, s1, s2, s3, s4, s5, s6, s7);
  begin(block);
  for (var i = 0u; i < min(ROWS, params.rows - row); i++) {
    store(row + i, block, sums[i]);
  }
}
