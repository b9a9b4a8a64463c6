// Rotary embedding, half-split: component i of a head turns with component i + headDim/2. One invocation, one pair.

struct Params {
  rows: u32,
  heads: u32,
  half: u32, // headDim / 2
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [T, heads · headDim]
@group(0) @binding(2) var<storage, read> contextStart: array<u32>; // [T]: row at which the row's context starts
@group(0) @binding(3) var<storage, read> turns: array<vec2<f32>>; // [positions, half]: cos, sin
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [T, heads · headDim]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let t = id.y;
  if (id.x >= params.heads * params.half || t >= params.rows) {
    return;
  }
  let head = id.x / params.half;
  let i = id.x % params.half;
  let first = (t * params.heads + head) * 2 * params.half + i;
  let second = first + params.half;
  let turn = turns[(t - contextStart[t]) * params.half + i];
  let a = x[first];
  let b = x[second];
  y[first] = a * turn.x - b * turn.y;
  y[second] = b * turn.x + a * turn.y;
}
