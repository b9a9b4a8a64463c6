// The mean of the values that a row sees in the cache, by its weights. One invocation makes 4 components of one head of
// one row, and adds up the weights on its way.

struct Params {
  firstRow: u32,
  rows: u32,
  room: u32, // for weights of a head
  heads: u32,
  kvHeads: u32,
  headDim: u32,
  dim4: u32, // padded head width / 4
}

struct Row {
  prefix: u32,
  first: u32,
  own: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weights: array<f32>; // [rows, heads, room]
@group(0) @binding(2) var<storage, read> values: array<vec4<f32>>; // [cache rows, kvHeads, dim4]
@group(0) @binding(3) var<storage, read> rows: array<Row>; // [T]
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [T, heads, headDim]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let head = id.x / params.dim4;
  let c = id.x % params.dim4;
  if (head >= params.heads || id.y >= params.rows) {
    return;
  }
  let t = params.firstRow + id.y;
  let row = rows[t];
  let kvHead = head / (params.heads / params.kvHeads);
  let stride = params.kvHeads * params.dim4;
  let weightsAt = (id.y * params.heads + head) * params.room;
  var at = kvHead * params.dim4 + c;
  var sum = vec4<f32>();
  var total = 0.0;
  for (var i = 0u; i < row.prefix; i++) {
    let weight = weights[weightsAt + i];
    sum += weight * values[at];
    total += weight;
    at += stride;
  }
  at = row.first * stride + kvHead * params.dim4 + c;
  for (var i = 0u; i < row.own; i++) {
    let weight = weights[weightsAt + row.prefix + i];
    sum += weight * values[at];
    total += weight;
    at += stride;
  }
  let component = c * 4;
  let base = (t * params.heads + head) * params.headDim + component;
  for (var i = 0u; i < min(4u, params.headDim - component); i++) {
    y[base + i] = sum[i] / total;
  }
}
