// Three products of one x: y = x·Wᵀ for q, k and v, whose columns stand side by side, each from a block of its own on.

@group(0) @binding(2) var<storage, read> W0: array<Stored>; // [columns, rowLength(k4)]
@group(0) @binding(3) var<storage, read> W1: array<Stored>; // [columns1, rowLength(k4)]
@group(0) @binding(4) var<storage, read> W2: array<Stored>; // [columns2, rowLength(k4)]
@group(0) @binding(5) var<storage, read_write> y0: array<f32>; // [T, columns]
@group(0) @binding(6) var<storage, read_write> y1: array<f32>; // [T, columns1]
@group(0) @binding(7) var<storage, read_write> y2: array<f32>; // [T, columns2]

const K_ADJACENT = true;

// Which matrix a block belongs to, which block of it that is, and how many columns the matrix makes.
struct Place {
  matrix: u32,
  block: u32,
  columns: u32,
}

// That of the weights being read.
var<private> reading: u32;

fn blocksOf(columns: u32) -> u32 {
  return (columns + 3) / 4;
}

fn blocks() -> u32 {
  return blocksOf(params.columns) + blocksOf(params.columns1) + blocksOf(params.columns2);
}

fn placeOf(block: u32) -> Place {
  let first = blocksOf(params.columns);
  let second = first + blocksOf(params.columns1);
  if (block < first) {
    return Place(0, block, params.columns);
  }
  if (block < second) {
    return Place(1, block - first, params.columns1);
  }
  return Place(2, block - second, params.columns2);
}

fn weightsOf(block: u32) -> vec4<u32> {
  let place = placeOf(block);
  reading = place.matrix;
  let columns = min(4 * place.block + vec4(0u, 1u, 2u, 3u), vec4(place.columns - 1));
  return columns * rowLength(params.k4);
}

fn four0(row: u32, k: u32) -> vec4<f32> {
  return unpack4(W0[row + weightAt(k)], W0[row + scaleAt(k)], k);
}

fn four1(row: u32, k: u32) -> vec4<f32> {
  return unpack4(W1[row + weightAt(k)], W1[row + scaleAt(k)], k);
}

fn four2(row: u32, k: u32) -> vec4<f32> {
  return unpack4(W2[row + weightAt(k)], W2[row + scaleAt(k)], k);
}

fn weights(rows: vec4<u32>, k: u32) -> mat4x4<f32> {
  if (reading == 0) {
    return mat4x4(four0(rows.x, k), four0(rows.y, k), four0(rows.z, k), four0(rows.w, k));
  }
  if (reading == 1) {
    return mat4x4(four1(rows.x, k), four1(rows.y, k), four1(rows.z, k), four1(rows.w, k));
  }
  return mat4x4(four2(rows.x, k), four2(rows.y, k), four2(rows.z, k), four2(rows.w, k));
}

fn store(row: u32, block: u32, sums: vec4<f32>) {
  let place = placeOf(block);
  let column = 4 * place.block;
  let base = (params.outRow + row) * place.columns + column;
  for (var i = 0u; i < min(4u, place.columns - column); i++) {
    if (place.matrix == 0) {
      y0[base + i] = sums[i];
    } else if (place.matrix == 1) {
      y1[base + i] = sums[i];
    } else {
      y2[base + i] = sums[i];
    }
  }
}

