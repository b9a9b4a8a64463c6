// Adds a tile's weighted values to the output, and divides by the sum of weights after a row's last tile. One
// invocation makes 4 rows × 4 components of one head.

struct Params {
  firstRow: u32,
  rows: u32,
  firstKey: u32,
  keys: u32, // of the tile
  tile: u32, // room for keys
  heads: u32,
  kvHeads: u32,
  headDim: u32,
}

struct Running {
  highest: f32,
  sum: f32,
  shrink: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weights: array<f32>; // [rows, heads, tile]
@group(0) @binding(2) var<storage, read> running: array<Running>; // [T, heads]
@group(0) @binding(3) var<storage, read> v: array<f32>; // [T, kvHeads, headDim]
@group(0) @binding(4) var<storage, read> contextStart: array<u32>; // [T]: row at which the row's context starts
@group(0) @binding(5) var<storage, read_write> y: array<f32>; // [T, heads, headDim]

fn weightsAt(row: u32, head: u32) -> u32 {
  return (min(row, params.rows - 1) * params.heads + head) * params.tile;
}

fn store(row: u32, head: u32, component: u32, sums: vec4<f32>) {
  let t = params.firstRow + row;
  let state = running[t * params.heads + head];
  let base = (t * params.heads + head) * params.headDim + component;
  for (var i = 0u; i < min(4u, params.headDim - component); i++) {
    var value = sums[i];
    if (contextStart[t] < params.firstKey) {
      value += y[base + i] * state.shrink;
    }
    if (t < params.firstKey + params.keys) {
      value /= state.sum;
    }
    y[base + i] = value;
  }
}

@compute @workgroup_size(16, 4)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let blocks = (params.headDim + 3) / 4;
  let head = id.x / blocks;
  let component = id.x % blocks * 4;
  let row = id.y * 4;
  if (head >= params.heads || row >= params.rows) {
    return;
  }
  // The keys that any of the four rows sees; the others' weights are 0.
  let lastRow = params.firstRow + min(row + 3, params.rows - 1);
  let first = max(contextStart[params.firstRow + row], params.firstKey) - params.firstKey;
  let end = min(lastRow + 1, params.firstKey + params.keys) - params.firstKey;
  // Query heads share key heads in runs; components past the end repeat the last one and are not stored.
  let kvHead = head / (params.heads / params.kvHeads);
  let components = min(component + vec4(0u, 1u, 2u, 3u), vec4(params.headDim - 1));
  let w0 = weightsAt(row, head);
  let w1 = weightsAt(row + 1, head);
  let w2 = weightsAt(row + 2, head);
  let w3 = weightsAt(row + 3, head);
  var s0 = vec4<f32>();
  var s1 = vec4<f32>();
  var s2 = vec4<f32>();
  var s3 = vec4<f32>();
  for (var i = first; i < end; i++) {
    let at = ((params.firstKey + i) * params.kvHeads + kvHead) * params.headDim + components;
    let value = vec4(v[at.x], v[at.y], v[at.z], v[at.w]);
    s0 += weights[w0 + i] * value;
    s1 += weights[w1 + i] * value;
    s2 += weights[w2 + i] * value;
    s3 += weights[w3 + i] * value;
  }
  var sums = array<vec4<f32>, 4>(s0, s1, s2, s3);
  for (var i = 0u; i < min(4u, params.rows - row); i++) {
    store(row + i, head, component, sums[i]);
  }
}
