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
    // Two at a time: what a loop carries from turn to turn costs as much as a few loads.
    for (var k = 0u; k < k4; k += 2) {
      // Past the end, nothing of the last weights.
      let inside = k + 1 < k4;
      let second = min(k + 1, k4 - 1);
      let w = weights(at, k);
      let v = weights(at, second);
      let a = x[t + k];
      let b = select(vec4<f32>(), x[t + second], inside);
      s0 += quadBroadcast(a, 0u) * w + quadBroadcast(b, 0u) * v;
      s1 += quadBroadcast(a, 1u) * w + quadBroadcast(b, 1u) * v;
      s2 += quadBroadcast(a, 2u) * w + quadBroadcast(b, 2u) * v;
      s3 += quadBroadcast(a, 3u) * w + quadBroadcast(b, 3u) * v;
      if (ROWS >= 8) {
        let c = x[t4 + k];
        let d = select(vec4<f32>(), x[t4 + second], inside);
        s4 += quadBroadcast(c, 0u) * w + quadBroadcast(d, 0u) * v;
        s5 += quadBroadcast(c, 1u) * w + quadBroadcast(d, 1u) * v;
        s6 += quadBroadcast(c, 2u) * w + quadBroadcast(d, 2u) * v;
        s7 += quadBroadcast(c, 3u) * w + quadBroadcast(d, 3u) * v;
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
