// y = x·Wᵀ (+ add). One invocation makes ROWS × 4 outputs in registers from vec4 loads along K: no workgroup memory,
// whose barriers are slow in software. Rows and columns past the end repeat the last one and are not stored.
// After a weight format's file.

struct Params {
  rows: u32,
  firstRow: u32, // of x and y
  k4: u32, // K / 4
  columns: u32, // of this dispatch
  firstWeight: u32, // row of W that makes column 0 of this dispatch
  firstColumn: u32, // where that column stands in y
  stride: u32, // columns of y
}

override ROWS: u32 = 8; // 1, 4 or 8
override ADD: bool = false;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>; // [T, k4]
@group(0) @binding(2) var<storage, read> W: array<Stored>; // [N, rowLength(k4)]
@group(0) @binding(3) var<storage, read> add: array<f32>; // [T, stride]; unused without ADD
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [T, stride]

fn rowOffset(row: u32) -> u32 {
  return (params.firstRow + min(row, params.rows - 1)) * params.k4;
}

fn weightOffset(column: u32) -> u32 {
  return (params.firstWeight + min(column, params.columns - 1)) * rowLength(params.k4);
}

fn weights(offset: u32, k: u32) -> vec4<f32> {
  return unpack4(W[offset + weightAt(k)], W[offset + scaleAt(k)], k);
}

fn store(row: u32, column: u32, sums: vec4<f32>) {
  let base = (params.firstRow + row) * params.stride + params.firstColumn + column;
  for (var i = 0u; i < min(4u, params.columns - column); i++) {
    if (ADD) {
      y[base + i] = sums[i] + add[base + i];
    } else {
      y[base + i] = sums[i];
    }
  }
}

@compute @workgroup_size(16, 4)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let column = id.x * 4;
  let row = id.y * ROWS;
  if (column >= params.columns || row >= params.rows) {
    return;
  }
  let n0 = weightOffset(column);
  let n1 = weightOffset(column + 1);
  let n2 = weightOffset(column + 2);
  let n3 = weightOffset(column + 3);
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
  for (var k = 0u; k < params.k4; k++) {
    // vec4 · matrix: the four dot products with its columns, which are rows of W.
    let w = mat4x4<f32>(weights(n0, k), weights(n1, k), weights(n2, k), weights(n3, k));
    s0 += x[t0 + k] * w;
    if (ROWS >= 4) {
      s1 += x[t1 + k] * w;
      s2 += x[t2 + k] * w;
      s3 += x[t3 + k] * w;
    }
    if (ROWS >= 8) {
      s4 += x[t4 + k] * w;
      s5 += x[t5 + k] * w;
      s6 += x[t6 + k] * w;
      s7 += x[t7 + k] * w;
    }
  }
  var sums = array<vec4<f32>, 8>(s0, s1, s2, s3, s4, s5, s6, s7);
  for (var i = 0u; i < min(ROWS, params.rows - row); i++) {
    store(row + i, column, sums[i]);
  }
}
