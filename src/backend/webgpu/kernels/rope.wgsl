// Rotary embedding of queries and keys, half-split: component i of a head rotates with component i + headDim/2. Heads,
// those of values too, are laid out anew at a multiple of four, filled with zeros, so that what follows can read vec4s.
// One invocation, one such pair; behind the pairs, one zero each.

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
@group(0) @binding(5) var<storage, read> rotations: array<vec2<f32>>; // [positions, headDim / 2]: cos, sin
@group(0) @binding(6) var<storage, read_write> queries: array<f32>; // [T, heads, paddedDim]
@group(0) @binding(7) var<storage, read_write> keys: array<f32>; // [T, kvHeads, paddedDim]
@group(0) @binding(8) var<storage, read_write> values: array<f32>; // [T, kvHeads, paddedDim]

const PAIRS = 16u;
const ROWS = 4u;

@compute @workgroup_size(PAIRS, ROWS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let i = group.x * PAIRS + local.x;
  let t = group.y * ROWS + local.y;
  let slot = group.z; // query heads, then those of keys, then those of values
  let half = params.headDim / 2;
  if (t >= params.rows || i >= half + params.paddedDim - params.headDim) {
    return;
  }
  let pair = i < half;
  let a = min(i, half - 1);
  let b = a + half;
  // Where they go; a zero goes there twice.
  let first = select(half + i, i, pair);
  let second = half + i;
  let rotation = rotations[(t - contextStart[t]) * half + a];
  if (slot < params.heads) {
    let head = t * params.heads + slot;
    let base = head * params.headDim;
    let to = head * params.paddedDim;
    let two = select(vec2<f32>(), rotated(vec2(q[base + a], q[base + b]), rotation), pair);
    queries[to + first] = two.x;
    queries[to + second] = two.y;
    return;
  }
  let isKey = slot < params.heads + params.kvHeads;
  let head = t * params.kvHeads + (slot - params.heads) % params.kvHeads;
  let base = head * params.headDim;
  let to = head * params.paddedDim;
  if (isKey) {
    let two = select(vec2<f32>(), rotated(vec2(k[base + a], k[base + b]), rotation), pair);
    keys[to + first] = two.x;
    keys[to + second] = two.y;
  } else {
    let two = select(vec2<f32>(), vec2(v[base + a], v[base + b]), pair);
    values[to + first] = two.x;
    values[to + second] = two.y;
  }
}

fn rotated(x: vec2<f32>, rotation: vec2<f32>) -> vec2<f32> {
  return vec2(x.x * rotation.x - x.y * rotation.y, x.y * rotation.x + x.x * rotation.y);
}
