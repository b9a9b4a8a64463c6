// x̂ = ((f ⊙ featureScale)·W_dec + b_dec)·undo.x + undo.y over active features only: rows of W_dec that no feature
// wakes are never read. One invocation makes four columns of a row, BLOCKS times: a feature's index and value, once read,
// serve all of them. Its blocks stand four apart, so that four neighbours read all of a stretch of the row at once: rows are
// anywhere in memory, and what is fetched of one must be used. After a weight format's file.

struct Params {
  rows: u32,
  columns4: u32, // d_in / 4
  firstFeature: u32, // of the slice
  sliceFeatures: u32,
  firstSlice: u32, // 1 where nothing was summed before
  lastSlice: u32, // 1 where the sums are complete
}

override FEATURE_SCALE: bool = false;
override BLOCKS: u32 = 4; // 1 or 4

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rowStart: array<u32>; // [T + 1]
@group(0) @binding(2) var<storage, read> indices: array<u32>; // [pairs]
@group(0) @binding(3) var<storage, read> values: array<f32>; // [pairs]
@group(0) @binding(4) var<storage, read> W_dec: array<Stored>; // [sliceFeatures, rowLength(columns4)]
@group(0) @binding(5) var<storage, read> b_dec: array<vec4<f32>>; // [columns4]
@group(0) @binding(6) var<storage, read> undo: array<vec2<f32>>; // [T]
@group(0) @binding(7) var<storage, read> featureScale: array<f32>; // unused without FEATURE_SCALE
@group(0) @binding(8) var<storage, read_write> out: array<vec4<f32>>; // [T, columns4]

const GROUP = 32u;
const APART = 4u;
const MAX_BLOCKS = 4u;

@compute @workgroup_size(GROUP, 2)
fn main(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let t = id.y;
  let columns4 = params.columns4;
  let first = (group.x * GROUP + local.x / APART * APART) * BLOCKS + local.x % APART;
  if (first >= columns4 || t >= params.rows) {
    return;
  }
  // Past the end, the last block once more; it is not stored.
  let c1 = min(first + APART, columns4 - 1);
  let c2 = min(first + 2 * APART, columns4 - 1);
  let c3 = min(first + 3 * APART, columns4 - 1);
  var s0 = vec4<f32>();
  var s1 = vec4<f32>();
  var s2 = vec4<f32>();
  var s3 = vec4<f32>();
  let end = rowStart[t + 1];
  for (var i = rowStart[t]; i < end; i++) {
    let index = indices[i];
    // Below the slice, this wraps to a large number.
    let feature = index - params.firstFeature;
    if (feature < params.sliceFeatures) {
      var f = values[i];
      if (FEATURE_SCALE) {
        f *= featureScale[index];
      }
      let row = feature * rowLength(columns4);
      s0 += f * fourOf(row, first);
      if (BLOCKS == MAX_BLOCKS) {
        s1 += f * fourOf(row, c1);
        s2 += f * fourOf(row, c2);
        s3 += f * fourOf(row, c3);
      }
    }
  }
  var sums = array<vec4<f32>, MAX_BLOCKS>(s0, s1, s2, s3);
  for (var b = 0u; b < BLOCKS; b++) {
    let column = first + b * APART;
    if (column < columns4) {
      store(t, column, sums[b]);
    }
  }
}

fn fourOf(row: u32, column: u32) -> vec4<f32> {
  return unpack4(W_dec[row + weightAt(column)], W_dec[row + scaleAt(column)], column);
}

fn store(t: u32, column: u32, sum: vec4<f32>) {
  let o = t * params.columns4 + column;
  var all = sum;
  if (params.firstSlice == 0) {
    all += out[o];
  }
  if (params.lastSlice == 1) {
    all = (all + b_dec[column]) * undo[t].x + undo[t].y;
  }
  out[o] = all;
}
