// y[t] = W[ids[t]] · scale, for the ids that lie in one slice of W. After a weight format's file.

struct Params {
  rows: u32,
  cols4: u32, // columns / 4
  firstRow: u32, // of the slice
  sliceRows: u32,
  scale: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> ids: array<u32>; // [T]
@group(0) @binding(2) var<storage, read> W: array<Stored>; // [sliceRows, rowLength(cols4)]
@group(0) @binding(3) var<storage, read_write> y: array<vec4<f32>>; // [T, cols4]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let column = id.x;
  let t = id.y;
  if (column >= params.cols4 || t >= params.rows) {
    return;
  }
  // Below the slice, this wraps to a large number.
  let row = ids[t] - params.firstRow;
  if (row < params.sliceRows) {
    let offset = row * rowLength(params.cols4);
    let weights = unpack4(W[offset + weightAt(column)], W[offset + scaleAt(column)], column);
    y[t * params.cols4 + column] = weights * params.scale;
  }
}
