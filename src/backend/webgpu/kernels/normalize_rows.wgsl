// An SAE's input rows: (x − shift) · scale − subtract, and [T, 2] to come back (multiply by the first, add the second).
// One workgroup makes one row.

struct Params {
  cols: u32,
  factor: f32, // of SCALE
}

const NONE = 0u;
const SCALE = 1u;
const CONSTANT_NORM_RESCALE = 2u;
const LAYER_NORM = 3u;

override KIND: u32 = 0;
override SUBTRACT: bool = false;
override LANES: u32 = 64;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [T, cols]
@group(0) @binding(2) var<storage, read> subtract: array<f32>; // [cols]; unused without SUBTRACT
@group(0) @binding(3) var<storage, read_write> rows: array<f32>; // [T, cols]
@group(0) @binding(4) var<storage, read_write> undo: array<vec2<f32>>; // [T]

var<workgroup> shares: array<f32, LANES>;

fn total(lane: u32, mine: f32) -> f32 {
  workgroupBarrier();
  shares[lane] = mine;
  workgroupBarrier();
  var sum = 0.0;
  for (var i = 0u; i < LANES; i++) {
    sum += shares[i];
  }
  return sum;
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x * params.cols;
  let d = f32(params.cols);
  var shift = 0.0;
  var scale = 1.0;
  var back = 1.0;
  if (KIND == SCALE) {
    scale = params.factor;
    back = 1 / params.factor;
  }
  if (KIND == LAYER_NORM) {
    var sum = 0.0;
    for (var c = lane; c < params.cols; c += LANES) {
      sum += x[row + c];
    }
    shift = total(lane, sum) / d;
  }
  if (KIND == LAYER_NORM || KIND == CONSTANT_NORM_RESCALE) {
    var squares = 0.0;
    for (var c = lane; c < params.cols; c += LANES) {
      let v = x[row + c] - shift;
      squares += v * v;
    }
    let sum = total(lane, squares);
    if (KIND == LAYER_NORM) {
      // SAELens: the deviation is unbiased, and 1e-5 is added on the way in only.
      back = sqrt(sum / (d - 1));
      scale = 1 / (back + 1e-5);
    } else {
      // A row of zeros has no direction to rescale: it stays zero both ways.
      back = sqrt(sum) / sqrt(d);
      scale = select(1 / back, 0.0, back == 0);
    }
  }
  for (var c = lane; c < params.cols; c += LANES) {
    var v = (x[row + c] - shift) * scale;
    if (SUBTRACT) {
      v -= subtract[c];
    }
    rows[row + c] = v;
  }
  if (lane == 0) {
    undo[group.x] = vec2(back, shift);
  }
}
