// y = gelu(x·Gateᵀ) ⊙ (x·Upᵀ), both products in one pass over x. Tiled as linear.wgsl is: ROWS × 4 outputs an invocation.
// After a weight format's file.

struct Params {
  rows: u32,
  firstRow: u32, // of x and y
  k4: u32, // K / 4
  columns: u32, // of this dispatch
  firstColumn: u32, // in y
  stride: u32, // columns of y
}

override ROWS: u32 = 4; // 1 or 4
override ERF: bool = false;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>; // [T, k4]
@group(0) @binding(2) var<storage, read> Gate: array<Stored>; // [columns, rowLength(k4)]
@group(0) @binding(3) var<storage, read> Up: array<Stored>; // [columns, rowLength(k4)]
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [T, stride]

// Abramowitz & Stegun 7.1.26: absolute error at most 1.5e-7.
fn erf4(x: vec4<f32>) -> vec4<f32> {
  let a = abs(x);
  let t = 1 / (1 + 0.3275911 * a);
  let polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  // Past 9 the exponential is below the smallest f32.
  let tail = exp(-min(a * a, vec4(81.0)));
  return sign(x) * (1 - polynomial * tail);
}

fn gelu(x: vec4<f32>) -> vec4<f32> {
  if (ERF) {
    return 0.5 * x * (1 + erf4(x * 0.7071067811865476));
  }
  // ½(1 + tanh u) = 1 / (1 + e^(−2u)): WGSL's tanh is only good to 1e-5, and overflows on some drivers.
  let u = 0.7978845608028654 * (x + 0.044715 * x * x * x);
  return x / (1 + exp(clamp(-2 * u, vec4(-80.0), vec4(80.0))));
}

fn rowOffset(row: u32) -> u32 {
  return (params.firstRow + min(row, params.rows - 1)) * params.k4;
}

fn weightOffset(column: u32) -> u32 {
  return min(column, params.columns - 1) * rowLength(params.k4);
}

fn gateWeights(offset: u32, k: u32) -> vec4<f32> {
  return unpack4(Gate[offset + weightAt(k)], Gate[offset + scaleAt(k)], k);
}

fn upWeights(offset: u32, k: u32) -> vec4<f32> {
  return unpack4(Up[offset + weightAt(k)], Up[offset + scaleAt(k)], k);
}

fn store(row: u32, column: u32, gate: vec4<f32>, up: vec4<f32>) {
  let values = gelu(gate) * up;
  let base = (params.firstRow + row) * params.stride + params.firstColumn + column;
  for (var i = 0u; i < min(4u, params.columns - column); i++) {
    y[base + i] = values[i];
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
  var g0 = vec4<f32>();
  var g1 = vec4<f32>();
  var g2 = vec4<f32>();
  var g3 = vec4<f32>();
  var u0 = vec4<f32>();
  var u1 = vec4<f32>();
  var u2 = vec4<f32>();
  var u3 = vec4<f32>();
  for (var k = 0u; k < params.k4; k++) {
    // vec4 · matrix: the four dot products with its columns, which are rows of the weights.
    let gate = mat4x4<f32>(gateWeights(n0, k), gateWeights(n1, k), gateWeights(n2, k), gateWeights(n3, k));
    let up = mat4x4<f32>(upWeights(n0, k), upWeights(n1, k), upWeights(n2, k), upWeights(n3, k));
    let x0 = x[t0 + k];
    g0 += x0 * gate;
    u0 += x0 * up;
    if (ROWS >= 4) {
      let x1 = x[t1 + k];
      g1 += x1 * gate;
      u1 += x1 * up;
      let x2 = x[t2 + k];
      g2 += x2 * gate;
      u2 += x2 * up;
      let x3 = x[t3 + k];
      g3 += x3 * gate;
      u3 += x3 * up;
    }
  }
  var gates = array<vec4<f32>, 4>(g0, g1, g2, g3);
  var ups = array<vec4<f32>, 4>(u0, u1, u2, u3);
  for (var i = 0u; i < min(ROWS, params.rows - row); i++) {
    store(row + i, column, gates[i], ups[i]);
  }
}
