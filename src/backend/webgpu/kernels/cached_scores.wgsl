// q·k of some rows against the keys that each sees in the cache. One invocation makes 4 keys of one head of one row;
// keys past a row's last repeat it, and their scores are not read.

struct Params {
  firstRow: u32,
  rows: u32,
  room4: u32, // room for scores of a head / 4
  heads: u32,
  kvHeads: u32,
  dim4: u32, // padded head width / 4
  scale: f32, // 1 / sqrt(headDim)
}

struct Row {
  prefix: u32,
  first: u32,
  own: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> queries: array<vec4<f32>>; // [T, heads, dim4]
@group(0) @binding(2) var<storage, read> keys: array<vec4<f32>>; // [cache rows, kvHeads, dim4]
@group(0) @binding(3) var<storage, read> rows: array<Row>; // [T]
@group(0) @binding(4) var<storage, read_write> scores: array<vec4<f32>>; // [rows, heads, room4]

fn keyOffset(row: Row, key: u32, kvHead: u32) -> u32 {
  let seen = min(key, row.prefix + row.own - 1);
  let at = select(row.first + seen - row.prefix, seen, seen < row.prefix);
  return (at * params.kvHeads + kvHead) * params.dim4;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let head = id.x / params.room4;
  let block = id.x % params.room4;
  if (head >= params.heads || id.y >= params.rows) {
    return;
  }
  let t = params.firstRow + id.y;
  let row = rows[t];
  let key = block * 4;
  if (key >= row.prefix + row.own) {
    return;
  }
  // Query heads share key heads in runs.
  let kvHead = head / (params.heads / params.kvHeads);
  let k0 = keyOffset(row, key, kvHead);
  let k1 = keyOffset(row, key + 1, kvHead);
  let k2 = keyOffset(row, key + 2, kvHead);
  let k3 = keyOffset(row, key + 3, kvHead);
  let q0 = (t * params.heads + head) * params.dim4;
  var sums = vec4<f32>();
  for (var c = 0u; c < params.dim4; c++) {
    sums += queries[q0 + c] * mat4x4<f32>(keys[k0 + c], keys[k1 + c], keys[k2 + c], keys[k3 + c]);
  }
  scores[(id.y * params.heads + head) * params.room4 + block] = sums * params.scale;
}
