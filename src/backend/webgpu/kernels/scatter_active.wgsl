// Writes the active values as (index, value) pairs, index ascending. One invocation writes those of one chunk.

struct Params {
  rows: u32,
  columns4: u32, // columns / 4
  chunks: u32, // of a row
}

override CHUNK4: u32 = 16; // vec4s in a chunk

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dense: array<vec4<f32>>; // [rows, columns4]
@group(0) @binding(2) var<storage, read> before: array<u32>; // [rows, chunks]: pairs of the row before the chunk
@group(0) @binding(3) var<storage, read> rowStart: array<u32>; // [rows + 1]
@group(0) @binding(4) var<storage, read_write> indices: array<u32>; // [pairs]
@group(0) @binding(5) var<storage, read_write> values: array<f32>; // [pairs]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let chunk = id.x;
  let row = id.y;
  if (chunk >= params.chunks || row >= params.rows) {
    return;
  }
  var at = rowStart[row] + before[row * params.chunks + chunk];
  for (var c = chunk * CHUNK4; c < min((chunk + 1) * CHUNK4, params.columns4); c++) {
    let four = dense[row * params.columns4 + c];
    for (var i = 0u; i < 4; i++) {
      if (four[i] > 0) {
        indices[at] = 4 * c + i;
        values[at] = four[i];
        at++;
      }
    }
  }
}
