// Rows of an int8 matrix (lib/quantize.ts): groups of 64 values, each a scale and then 16 words of four values, the
// first in the lowest byte.
alias Stored = u32;

fn rowLength(cols4: u32) -> u32 {
  return cols4 + (cols4 + 15) / 16;
}

fn weightAt(k4: u32) -> u32 {
  return k4 + k4 / 16 + 1;
}

fn scaleAt(k4: u32) -> u32 {
  return k4 / 16 * 17;
}

fn unpack4(stored: Stored, scale: Stored, k4: u32) -> vec4<f32> {
  // Each byte up to the sign bit, and back with the sign.
  let q = bitcast<vec4<i32>>(vec4(stored) << vec4(24u, 16u, 8u, 0u)) >> vec4(24u);
  return vec4<f32>(q) * bitcast<f32>(scale);
}

