// Rotary embedding, half-split: component i of a head turns with component i + headDim/2. Heads are laid out anew at a
// multiple of four, filled with zeros, so that what follows can read vec4s. One invocation, one component.

struct Params {
  rows: u32,
  heads: u32,
  headDim: u32,
  paddedDim: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [T, heads, headDim]
@group(0) @binding(2) var<storage, read> contextStart: array<u32>; // [T]: row at which the row's context starts
@group(0) @binding(3) var<storage, read> turns: array<vec2<f32>>; // [positions, headDim / 2]: cos, sin
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [T, heads, paddedDim]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let t = id.y;
  if (id.x >= params.heads * params.paddedDim || t >= params.rows) {
    return;
  }
  let head = t * params.heads + id.x / params.paddedDim;
  let c = id.x % params.paddedDim;
  let half = params.headDim / 2;
  let position = t - contextStart[t];
  var value = 0.0;
  if (c < half) {
    let turn = turns[position * half + c];
    value = x[head * params.headDim + c] * turn.x - x[head * params.headDim + c + half] * turn.y;
  } else if (c < params.headDim) {
    let turn = turns[position * half + c - half];
    value = x[head * params.headDim + c] * turn.x + x[head * params.headDim + c - half] * turn.y;
  }
  y[head * params.paddedDim + c] = value;
}
