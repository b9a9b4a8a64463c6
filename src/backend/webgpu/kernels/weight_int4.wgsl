// Rows of an int4 matrix (lib/quantize.ts): groups of 32 values, each a scale and then 4 words of eight values, the
// first in the lowest bits. A row may end with half a word.
alias Stored = u32;

fn rowLength(cols4: u32) -> u32 {
  return (cols4 + 1) / 2 + (cols4 + 7) / 8;
}

fn weightAt(k4: u32) -> u32 {
  return k4 / 2 + k4 / 8 + 1;
}

fn scaleAt(k4: u32) -> u32 {
  return k4 / 8 * 5;
}

fn unpack4(stored: Stored, scale: Stored, k4: u32) -> vec4<f32> {
  // Each four bits up to the sign bit, and back with the sign.
  let half = stored >> (16 * (k4 & 1));
  let q = bitcast<vec4<i32>>(vec4(half) << vec4(28u, 24u, 20u, 16u)) >> vec4(28u);
  return vec4<f32>(q) * bitcast<f32>(scale);
}

