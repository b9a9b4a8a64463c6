// One to four rows, limited by how fast the weights are read. SPLIT invocations share a block, each taking every
// SPLIT-th k, and add up in the end: enough of them are under way even where there are few columns, and neighbours read
// neighbouring weights, be those adjacent along k or along the columns.

override ROWS: u32 = 1; // 1 or 4
override SPLIT: u32 = 16; // a divisor of LANES

const LANES = 64u;

var<workgroup> shares: array<array<vec4<f32>, 4>, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let together = LANES / SPLIT;
  let group = groupOf(id);
  if (group.x * together >= blocks()) {
    return;
  }
  let share = select(lane / together, lane % SPLIT, K_ADJACENT);
  let place = select(lane % together, lane / SPLIT, K_ADJACENT);
  let block = group.x * together + place;
  let row = group.y * ROWS;
  let at = weightsOf(block);
  let k4 = params.k4;
  let t0 = rowOf(row);
  let t1 = rowOf(row + 1);
  let t2 = rowOf(row + 2);
  let t3 = rowOf(row + 3);
  var s0 = vec4<f32>();
  var s1 = vec4<f32>();
  var s2 = vec4<f32>();
  var s3 = vec4<f32>();
  for (var k = share; k < k4; k += SPLIT) {
    let w = weights(at, k);
    s0 += x[t0 + k] * w;
    if (ROWS >= 4) {
      s1 += x[t1 + k] * w;
      s2 += x[t2 + k] * w;
      s3 += x[t3 + k] * w;
    }
  }
  shares[place * SPLIT + share] = array(s0, s1, s2, s3);
  workgroupBarrier();
  // One invocation for each row of each block.
  if (lane >= together * ROWS) {
    return;
  }
  let mine = lane / ROWS;
  let i = lane % ROWS;
  if (group.x * together + mine >= blocks() || row + i >= params.rows) {
    return;
  }
  var sum = vec4<f32>();
  for (var s = 0u; s < SPLIT; s++) {
    sum += shares[mine * SPLIT + s][i];
  }
  begin(group.x * together + mine);
  store(row + i, group.x * together + mine, sum);
}
