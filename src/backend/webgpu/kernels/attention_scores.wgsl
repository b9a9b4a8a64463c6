// q·k of some rows against one tile of keys, every head. One invocation makes 4 rows × 4 keys of one head, masked or
// not: what lies outside a row's context or after it is not read again.

struct Params {
  firstRow: u32,
  rows: u32,
  firstKey: u32,
  keys: u32, // of the tile
  tile4: u32, // room for keys / 4
  heads: u32,
  kvHeads: u32,
  dim4: u32, // padded head width / 4
  scale: f32, // 1 / sqrt(headDim)
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> q: array<vec4<f32>>; // [T, heads, dim4]
@group(0) @binding(2) var<storage, read> k: array<vec4<f32>>; // [T, kvHeads, dim4]
@group(0) @binding(3) var<storage, read> contextStart: array<u32>; // [T]: row at which the row's context starts
@group(0) @binding(4) var<storage, read_write> scores: array<vec4<f32>>; // [rows, heads, tile4]

fn queryOffset(row: u32, head: u32) -> u32 {
  return ((params.firstRow + min(row, params.rows - 1)) * params.heads + head) * params.dim4;
}

fn keyOffset(key: u32, kvHead: u32) -> u32 {
  return ((params.firstKey + min(key, params.keys - 1)) * params.kvHeads + kvHead) * params.dim4;
}

@compute @workgroup_size(16, 4)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let head = id.x / params.tile4;
  let block = id.x % params.tile4;
  let key = block * 4;
  let row = id.y * 4;
  if (head >= params.heads || key >= params.keys || row >= params.rows) {
    return;
  }
  let lastRow = params.firstRow + min(row + 3, params.rows - 1);
  if (params.firstKey + key > lastRow || params.firstKey + key + 3 < contextStart[params.firstRow + row]) {
    return;
  }
  // Query heads share key heads in runs.
  let kvHead = head / (params.heads / params.kvHeads);
  let k0 = keyOffset(key, kvHead);
  let k1 = keyOffset(key + 1, kvHead);
  let k2 = keyOffset(key + 2, kvHead);
  let k3 = keyOffset(key + 3, kvHead);
  let q0 = queryOffset(row, head);
  let q1 = queryOffset(row + 1, head);
  let q2 = queryOffset(row + 2, head);
  let q3 = queryOffset(row + 3, head);
  var s0 = vec4<f32>();
  var s1 = vec4<f32>();
  var s2 = vec4<f32>();
  var s3 = vec4<f32>();
  for (var c = 0u; c < params.dim4; c++) {
    // vec4 · matrix: the four dot products with its columns, which are keys.
    let keys = mat4x4<f32>(k[k0 + c], k[k1 + c], k[k2 + c], k[k3 + c]);
    s0 += q[q0 + c] * keys;
    s1 += q[q1 + c] * keys;
    s2 += q[q2 + c] * keys;
    s3 += q[q3 + c] * keys;
  }
  var sums = array<vec4<f32>, 4>(s0, s1, s2, s3);
  for (var i = 0u; i < min(4u, params.rows - row); i++) {
    scores[((row + i) * params.heads + head) * params.tile4 + block] = sums[i] * params.scale;
  }
}
