// Dense activations of an SAE: a = x·W_enc over the rows of W_enc in one slice, then for the last slice, feature by
// feature, ReLU(a·scale + bias) where a + gateBias > threshold, else 0; NaN stays. Columns are a multiple of 4.

@group(0) @binding(2) var<storage, read> W_enc: array<Stored>; // [4 · k4, rowLength(columns / 4)]
@group(0) @binding(3) var<storage, read> affine: array<vec4<f32>>; // [4, columns / 4]: gateBias, threshold, scale, bias
@group(0) @binding(4) var<storage, read_write> dense: array<vec4<f32>>; // [rows, columns / 4]

const K_ADJACENT = false;

fn blocks() -> u32 {
  return params.columns / 4;
}

// Where in a row of W_enc, and how long one is.
fn weightsOf(block: u32) -> vec4<u32> {
  return vec4(min(block, blocks() - 1), rowLength(blocks()), 0, 0);
}

fn fourOf(at: vec4<u32>, k: u32) -> vec4<f32> {
  let row = k * at.y;
  return unpack4(W_enc[row + weightAt(at.x)], W_enc[row + scaleAt(at.x)], at.x);
}

fn weights(at: vec4<u32>, k: u32) -> mat4x4<f32> {
  return transpose(mat4x4(fourOf(at, 4 * k), fourOf(at, 4 * k + 1), fourOf(at, 4 * k + 2), fourOf(at, 4 * k + 3)));
}

// Of the block that is to be stored.
var<private> gateBias: vec4<f32>;
var<private> threshold: vec4<f32>;
var<private> scale: vec4<f32>;
var<private> bias: vec4<f32>;

fn begin(block: u32) {
  let n = blocks();
  gateBias = affine[block];
  threshold = affine[n + block];
  scale = affine[2 * n + block];
  bias = affine[3 * n + block];
}

fn store(row: u32, block: u32, sums: vec4<f32>) {
  let i = (params.outRow + row) * blocks() + block;
  var a = sums;
  if (params.firstSlice == 0) {
    a += dense[i];
  }
  if (params.lastSlice == 1) {
    let value = a * scale + bias;
    // Asked this way round NaN, which is not ≤ anything, stays: where sums overflowed, the feature is not simply off.
    let off = (a + gateBias <= threshold) | (value <= vec4<f32>());
    a = select(value, vec4<f32>(), off);
  }
  dense[i] = a;
}

