// Dense activations of an SAE: a = x·W_enc over the rows of W_enc in one slice, then for the last slice feature by
// feature ReLU(a·scale + bias) where a + gateBias > threshold, else 0. Neighbouring invocations read neighbouring
// columns; one makes ROWS × 4 outputs in registers. After a weight format's file.

struct Params {
  rows: u32,
  firstRow: u32, // of x; the scratch starts at 0
  xStride4: u32, // d_in / 4
  firstK4: u32, // first row of the slice / 4
  sliceK4: u32, // rows of the slice / 4
  columns4: u32, // d_sae / 4
  firstSlice: u32, // 1 where nothing was summed before
  lastSlice: u32, // 1 where the sums are complete
}

override ROWS: u32 = 8; // 1, 4 or 8

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>; // [T, xStride4]
@group(0) @binding(2) var<storage, read> W_enc: array<Stored>; // [4 · sliceK4, rowLength(columns4)]
@group(0) @binding(3) var<storage, read> affine: array<vec4<f32>>; // [4, columns4]: gateBias, threshold, scale, bias
@group(0) @binding(4) var<storage, read_write> dense: array<vec4<f32>>; // [rows, columns4]

fn rowOffset(row: u32) -> u32 {
  return (params.firstRow + min(row, params.rows - 1)) * params.xStride4 + params.firstK4;
}

fn weights(row: u32, column: u32) -> vec4<f32> {
  let offset = row * rowLength(params.columns4);
  return unpack4(W_enc[offset + weightAt(column)], W_enc[offset + scaleAt(column)], column);
}

fn store(row: u32, column: u32, sums: vec4<f32>) {
  let i = row * params.columns4 + column;
  var a = sums;
  if (params.firstSlice == 0) {
    a += dense[i];
  }
  if (params.lastSlice == 1) {
    let n = params.columns4;
    let on = a + affine[column] > affine[n + column];
    let value = a * affine[2 * n + column] + affine[3 * n + column];
    // A NaN is neither on nor positive.
    a = select(vec4<f32>(), value, on & (value > vec4<f32>()));
  }
  dense[i] = a;
}

@compute @workgroup_size(32, 2)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let column = id.x;
  let row = id.y * ROWS;
  if (column >= params.columns4 || row >= params.rows) {
    return;
  }
  let t0 = rowOffset(row);
  let t1 = rowOffset(row + 1);
  let t2 = rowOffset(row + 2);
  let t3 = rowOffset(row + 3);
  let t4 = rowOffset(row + 4);
  let t5 = rowOffset(row + 5);
  let t6 = rowOffset(row + 6);
  let t7 = rowOffset(row + 7);
  var s0 = vec4<f32>();
  var s1 = vec4<f32>();
  var s2 = vec4<f32>();
  var s3 = vec4<f32>();
  var s4 = vec4<f32>();
  var s5 = vec4<f32>();
  var s6 = vec4<f32>();
  var s7 = vec4<f32>();
  for (var k = 0u; k < params.sliceK4; k++) {
    // Four rows of W_enc as the columns of a matrix: matrix · vec4 weighs them with four inputs.
    let w = mat4x4<f32>(
      weights(4 * k, column),
      weights(4 * k + 1, column),
      weights(4 * k + 2, column),
      weights(4 * k + 3, column),
    );
    s0 += w * x[t0 + k];
    if (ROWS >= 4) {
      s1 += w * x[t1 + k];
      s2 += w * x[t2 + k];
      s3 += w * x[t3 + k];
    }
    if (ROWS >= 8) {
      s4 += w * x[t4 + k];
      s5 += w * x[t5 + k];
      s6 += w * x[t6 + k];
      s7 += w * x[t7 + k];
    }
  }
  var sums = array<vec4<f32>, 8>(s0, s1, s2, s3, s4, s5, s6, s7);
  for (var i = 0u; i < min(ROWS, params.rows - row); i++) {
    store(row + i, column, sums[i]);
  }
}
