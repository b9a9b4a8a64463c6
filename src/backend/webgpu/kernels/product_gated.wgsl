// y = gelu(x·Gateᵀ) ⊙ (x·Upᵀ): a block is two columns of each matrix.

override ERF: bool = false;

@group(0) @binding(2) var<storage, read> Gate: array<Stored>; // [N, rowLength(k4)]
@group(0) @binding(3) var<storage, read> Up: array<Stored>; // [N, rowLength(k4)]
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [T, stride]

const K_ADJACENT = true;

fn blocks() -> u32 {
  return (params.columns + 1) / 2;
}

fn weightsOf(block: u32) -> vec4<u32> {
  let columns = min(2 * block + vec4(0u, 1u, 0u, 1u), vec4(params.columns - 1));
  return (params.firstWeight + columns) * rowLength(params.k4);
}

fn gateFour(row: u32, k: u32) -> vec4<f32> {
  return unpack4(Gate[row + weightAt(k)], Gate[row + scaleAt(k)], k);
}

fn upFour(row: u32, k: u32) -> vec4<f32> {
  return unpack4(Up[row + weightAt(k)], Up[row + scaleAt(k)], k);
}

fn weights(rows: vec4<u32>, k: u32) -> mat4x4<f32> {
  return mat4x4(gateFour(rows.x, k), gateFour(rows.y, k), upFour(rows.z, k), upFour(rows.w, k));
}

// Abramowitz & Stegun 7.1.26: absolute error at most 1.5e-7.
fn erf2(x: vec2<f32>) -> vec2<f32> {
  let a = abs(x);
  let t = 1 / (1 + 0.3275911 * a);
  let polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  // Past 9 the exponential is below the smallest f32.
  let tail = exp(-min(a * a, vec2(81.0)));
  return sign(x) * (1 - polynomial * tail);
}

fn gelu(x: vec2<f32>) -> vec2<f32> {
  if (ERF) {
    return 0.5 * x * (1 + erf2(x * 0.7071067811865476));
  }
  // ½(1 + tanh u) = 1 / (1 + e^(−2u)): WGSL's tanh is only good to 1e-5, and overflows on some drivers.
  let u = 0.7978845608028654 * (x + 0.044715 * x * x * x);
  return x / (1 + exp(clamp(-2 * u, vec2(-80.0), vec2(80.0))));
}

fn begin(_block: u32) {}

fn store(row: u32, block: u32, sums: vec4<f32>) {
  let values = gelu(sums.xy) * sums.zw;
  let base = (params.outRow + row) * params.stride + params.firstColumn + 2 * block;
  y[base] = values.x;
  if (2 * block + 1 < params.columns) {
    y[base + 1] = values.y;
  }
}

