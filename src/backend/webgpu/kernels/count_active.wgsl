// How many values of each chunk of CHUNK columns are > 0. One invocation counts one chunk.

struct Params {
  rows: u32,
  columns4: u32, // columns / 4
  chunks: u32, // of a row
}

override CHUNK4: u32 = 16; // vec4s in a chunk

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dense: array<vec4<f32>>; // [rows, columns4]
@group(0) @binding(2) var<storage, read_write> counts: array<u32>; // [rows, chunks]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let chunk = id.x;
  let row = id.y;
  if (chunk >= params.chunks || row >= params.rows) {
    return;
  }
  var count = vec4<u32>();
  for (var c = chunk * CHUNK4; c < min((chunk + 1) * CHUNK4, params.columns4); c++) {
    count += vec4<u32>(dense[row * params.columns4 + c] > vec4<f32>());
  }
  counts[row * params.chunks + chunk] = count.x + count.y + count.z + count.w;
}
