// New rows of a context that goes on: keys, rotated by their positions, and values go to their places in the cache, and
// queries are rotated. Heads are laid out at a multiple of four, filled with zeros, so that what follows can read vec4s.
// One invocation, one component.

struct Params {
  rows: u32,
  heads: u32,
  kvHeads: u32,
  headDim: u32,
  paddedDim: u32,
}

// What a row sees: cache rows 0 to prefix − 1, then `own` of them from `first` on, itself the last.
struct Row {
  prefix: u32,
  first: u32,
  own: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> q: array<f32>; // [T, heads, headDim]
@group(0) @binding(2) var<storage, read> k: array<f32>; // [T, kvHeads, headDim]
@group(0) @binding(3) var<storage, read> v: array<f32>; // [T, kvHeads, headDim]
@group(0) @binding(4) var<storage, read> rows: array<Row>; // [T]
@group(0) @binding(5) var<storage, read> rotations: array<vec2<f32>>; // [positions, headDim / 2]: cos, sin
@group(0) @binding(6) var<storage, read_write> queries: array<f32>; // [T, heads, paddedDim]
@group(0) @binding(7) var<storage, read_write> keys: array<f32>; // [cache rows, kvHeads, paddedDim]
@group(0) @binding(8) var<storage, read_write> values: array<f32>; // [cache rows, kvHeads, paddedDim]

// Half-split: component c rotates with component c ± headDim/2.
fn rotated(here: f32, partner: f32, c: u32, position: u32) -> f32 {
  let half = params.headDim / 2;
  let rotation = rotations[position * half + c % half];
  return here * rotation.x + select(partner, -partner, c < half) * rotation.y;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let t = id.y;
  let slot = id.x / params.paddedDim; // query heads, then those of keys, then those of values
  if (slot >= params.heads + 2 * params.kvHeads || t >= params.rows) {
    return;
  }
  let c = id.x % params.paddedDim;
  let inside = c < params.headDim;
  let half = params.headDim / 2;
  let partner = select(c - half, c + half, c < half);
  let row = rows[t];
  let position = row.prefix + row.own - 1;
  if (slot < params.heads) {
    let base = (t * params.heads + slot) * params.headDim;
    var value = 0.0;
    if (inside) {
      value = rotated(q[base + c], q[base + partner], c, position);
    }
    queries[(t * params.heads + slot) * params.paddedDim + c] = value;
    return;
  }
  let kvHead = (slot - params.heads) % params.kvHeads;
  let base = (t * params.kvHeads + kvHead) * params.headDim;
  let to = ((row.first + row.own - 1) * params.kvHeads + kvHead) * params.paddedDim + c;
  if (slot < params.heads + params.kvHeads) {
    var value = 0.0;
    if (inside) {
      value = rotated(k[base + c], k[base + partner], c, position);
    }
    keys[to] = value;
  } else {
    var value = 0.0;
    if (inside) {
      value = v[base + c];
    }
    values[to] = value;
  }
}
