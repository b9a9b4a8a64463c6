// Many rows on a real GPU: a workgroup makes 64 rows × 16 blocks from tiles in workgroup memory, so that each weight and
// each input is fetched once for 64 uses. An invocation makes 8 rows of one block: of 192 bytes of workgroup memory it
// makes 128 multiply-adds, and those of one weight are read by all rows' invocations at once.

const TILE_ROWS = 64u;
const TILE_BLOCKS = 16u;
const TILE_K = 4u; // vec4s of k at a time
const LANES = 128u;

var<workgroup> xs: array<vec4<f32>, 256>; // [TILE_K, TILE_ROWS]
var<workgroup> ws: array<mat4x4<f32>, 64>; // [TILE_K, TILE_BLOCKS]

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let group = groupOf(id);
  let firstBlock = group.x * TILE_BLOCKS;
  if (firstBlock >= blocks()) {
    return;
  }
  let firstRow = group.y * TILE_ROWS;
  let block = firstBlock + lane % TILE_BLOCKS;
  let row = lane / TILE_BLOCKS * 8;
  let k4 = params.k4;
  // What this invocation fetches: of neighbours, four read one row's neighbouring inputs.
  let fetchK = lane % TILE_K;
  let fetchRow = lane / TILE_K;
  let xa = rowOf(firstRow + fetchRow);
  let xb = rowOf(firstRow + fetchRow + 32);
  let weightK = select(lane / TILE_BLOCKS, lane % TILE_K, K_ADJACENT);
  let weightBlock = select(lane % TILE_BLOCKS, lane / TILE_K, K_ADJACENT);
  let fetched = weightsOf(firstBlock + weightBlock);
  var s0 = vec4<f32>();
  var s1 = vec4<f32>();
  var s2 = vec4<f32>();
  var s3 = vec4<f32>();
  var s4 = vec4<f32>();
  var s5 = vec4<f32>();
  var s6 = vec4<f32>();
  var s7 = vec4<f32>();
  for (var k = 0u; k < k4; k += TILE_K) {
    // Past the end, zeros times the last weights.
    let inside = k + fetchK < k4;
    let source = min(k + fetchK, k4 - 1);
    xs[fetchK * TILE_ROWS + fetchRow] = select(vec4<f32>(), x[xa + source], inside);
    xs[fetchK * TILE_ROWS + fetchRow + 32] = select(vec4<f32>(), x[xb + source], inside);
    if (lane < TILE_K * TILE_BLOCKS) {
      ws[weightK * TILE_BLOCKS + weightBlock] = weights(fetched, min(k + weightK, k4 - 1));
    }
    workgroupBarrier();
    for (var i = 0u; i < TILE_K; i++) {
      let w = ws[i * TILE_BLOCKS + lane % TILE_BLOCKS];
      let t = i * TILE_ROWS + row;
      s0 += xs[t] * w;
      s1 += xs[t + 1] * w;
      s2 += xs[t + 2] * w;
      s3 += xs[t + 3] * w;
      s4 += xs[t + 4] * w;
      s5 += xs[t + 5] * w;
      s6 += xs[t + 6] * w;
      s7 += xs[t + 7] * w;
    }
    workgroupBarrier();
  }
  if (block >= blocks()) {
    return;
  }
  var sums = array<vec4<f32>, 8>(s0, s1, s2, s3, s4, s5, s6, s7);
  begin(block);
  for (var i = 0u; i < 8; i++) {
    if (firstRow + row + i < params.rows) {
      store(firstRow + row + i, block, sums[i]);
    }
  }
}
