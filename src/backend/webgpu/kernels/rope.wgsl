// Rotary embedding of queries and keys, half-split: component i of a head turns with component i + headDim/2. Heads, those
// of values too, are laid out anew at a multiple of four, filled with zeros, so that what follows can read vec4s.
// One invocation, one component.

struct Params {
  rows: u32,
  heads: u32,
  kvHeads: u32,
  headDim: u32,
  paddedDim: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> q: array<f32>; // [T, heads, headDim]
@group(0) @binding(2) var<storage, read> k: array<f32>; // [T, kvHeads, headDim]
@group(0) @binding(3) var<storage, read> v: array<f32>; // [T, kvHeads, headDim]
@group(0) @binding(4) var<storage, read> contextStart: array<u32>; // [T]: row at which the row's context starts
@group(0) @binding(5) var<storage, read> turns: array<vec2<f32>>; // [positions, headDim / 2]: cos, sin
@group(0) @binding(6) var<storage, read_write> queries: array<f32>; // [T, heads, paddedDim]
@group(0) @binding(7) var<storage, read_write> keys: array<f32>; // [T, kvHeads, paddedDim]
@group(0) @binding(8) var<storage, read_write> values: array<f32>; // [T, kvHeads, paddedDim]

fn turned(here: f32, partner: f32, c: u32, position: u32) -> f32 {
  let half = params.headDim / 2;
  let turn = turns[position * half + c % half];
  return here * turn.x + select(partner, -partner, c < half) * turn.y;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let t = id.y;
  let slot = id.x / params.paddedDim; // query heads, then those of keys, then those of values
  if (slot >= params.heads + 2 * params.kvHeads || t >= params.rows) {
    return;
  }
  let c = id.x % params.paddedDim;
  let half = params.headDim / 2;
  let inside = c < params.headDim;
  let here = min(c, params.headDim - 1);
  let partner = select(here - half, here + half, here < half);
  let position = t - contextStart[t];
  if (slot < params.heads) {
    let head = t * params.heads + slot;
    let base = head * params.headDim;
    queries[head * params.paddedDim + c] = select(0.0, turned(q[base + here], q[base + partner], here, position), inside);
    return;
  }
  let head = t * params.kvHeads + (slot - params.heads) % params.kvHeads;
  let base = head * params.headDim;
  let to = head * params.paddedDim + c;
  if (slot < params.heads + params.kvHeads) {
    keys[to] = select(0.0, turned(k[base + here], k[base + partner], here, position), inside);
  } else {
    values[to] = select(0.0, v[base + here], inside);
  }
}
