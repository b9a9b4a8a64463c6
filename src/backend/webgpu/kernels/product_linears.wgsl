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

fn weights(rows: vec4<u32>, k: u32) -> mat4x4<f32> {
  let at = rows + weightAt(k);
  let scales = rows + scaleAt(k);
  // As they are stored: in software, whatever comes out of a branch costs.
  var w0: Stored;
  var w1: Stored;
  var w2: Stored;
  var w3: Stored;
  var scale0: Stored;
  var scale1: Stored;
  var scale2: Stored;
  var scale3: Stored;
  if (reading == 0) {
    w0 = W0[at.x];
    w1 = W0[at.y];
    w2 = W0[at.z];
    w3 = W0[at.w];
    scale0 = W0[scales.x];
    scale1 = W0[scales.y];
    scale2 = W0[scales.z];
    scale3 = W0[scales.w];
  } else if (reading == 1) {
    w0 = W1[at.x];
    w1 = W1[at.y];
    w2 = W1[at.z];
    w3 = W1[at.w];
    scale0 = W1[scales.x];
    scale1 = W1[scales.y];
    scale2 = W1[scales.z];
    scale3 = W1[scales.w];
  } else {
    w0 = W2[at.x];
    w1 = W2[at.y];
    w2 = W2[at.z];
    w3 = W2[at.w];
    scale0 = W2[scales.x];
    scale1 = W2[scales.y];
    scale2 = W2[scales.z];
    scale3 = W2[scales.w];
  }
  return mat4x4(unpack4(w0, scale0, k), unpack4(w1, scale1, k), unpack4(w2, scale2, k), unpack4(w3, scale3, k));
}

fn begin(_block: u32) {}

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

