// x̂ = ((f ⊙ featureScale)·W_dec + b_dec)·undo.x + undo.y over active features only: rows of W_dec that no feature
// wakes are never read. One invocation makes four columns of a row. After a weight format's file.

struct Params {
  rows: u32,
  columns4: u32, // d_in / 4
  firstFeature: u32, // of the slice
  sliceFeatures: u32,
  firstSlice: u32, // 1 where nothing was summed before
  lastSlice: u32, // 1 where the sums are complete
}

override FEATURE_SCALE: bool = false;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rowStart: array<u32>; // [T + 1]
@group(0) @binding(2) var<storage, read> indices: array<u32>; // [pairs]
@group(0) @binding(3) var<storage, read> values: array<f32>; // [pairs]
@group(0) @binding(4) var<storage, read> W_dec: array<Stored>; // [sliceFeatures, rowLength(columns4)]
@group(0) @binding(5) var<storage, read> b_dec: array<vec4<f32>>; // [columns4]
@group(0) @binding(6) var<storage, read> undo: array<vec2<f32>>; // [T]
@group(0) @binding(7) var<storage, read> featureScale: array<f32>; // unused without FEATURE_SCALE
@group(0) @binding(8) var<storage, read_write> out: array<vec4<f32>>; // [T, columns4]

@compute @workgroup_size(32, 2)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let column = id.x;
  let t = id.y;
  if (column >= params.columns4 || t >= params.rows) {
    return;
  }
  let o = t * params.columns4 + column;
  var sum = vec4<f32>();
  if (params.firstSlice == 0) {
    sum = out[o];
  }
  for (var i = rowStart[t]; i < rowStart[t + 1]; i++) {
    // Below the slice, this wraps to a large number.
    let feature = indices[i] - params.firstFeature;
    if (feature < params.sliceFeatures) {
      var f = values[i];
      if (FEATURE_SCALE) {
        f *= featureScale[indices[i]];
      }
      let offset = feature * rowLength(params.columns4);
      sum += f * unpack4(W_dec[offset + weightAt(column)], W_dec[offset + scaleAt(column)], column);
    }
  }
  if (params.lastSlice == 1) {
    sum = (sum + b_dec[column]) * undo[t].x + undo[t].y;
  }
  out[o] = sum;
}
