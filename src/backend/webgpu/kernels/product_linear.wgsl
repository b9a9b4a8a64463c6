// y = x·Wᵀ (+ add).

override ADD: bool = false;

@group(0) @binding(2) var<storage, read> W: array<Stored>; // [N, rowLength(k4)]
@group(0) @binding(3) var<storage, read> add: array<f32>; // [T, stride]; unused without ADD
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [T, stride]

const K_ADJACENT = true;

fn blocks() -> u32 {
  return (params.columns + 3) / 4;
}

fn weightsOf(block: u32) -> vec4<u32> {
  let columns = min(4 * block + vec4(0u, 1u, 2u, 3u), vec4(params.columns - 1));
  return (params.firstWeight + columns) * rowLength(params.k4);
}

fn fourOf(row: u32, k: u32) -> vec4<f32> {
  return unpack4(W[row + weightAt(k)], W[row + scaleAt(k)], k);
}

fn weights(rows: vec4<u32>, k: u32) -> mat4x4<f32> {
  return mat4x4(fourOf(rows.x, k), fourOf(rows.y, k), fourOf(rows.z, k), fourOf(rows.w, k));
}

fn begin(_block: u32) {}

fn store(row: u32, block: u32, sums: vec4<f32>) {
  let column = 4 * block;
  let base = (params.outRow + row) * params.stride + params.firstColumn + column;
  for (var i = 0u; i < min(4u, params.columns - column); i++) {
    if (ADD) {
      y[base + i] = sums[i] + add[base + i];
    } else {
      y[base + i] = sums[i];
    }
  }
}

