// Four neighbouring weights of a bf16 matrix, two to a word, the first in the low half. After weight_plain.wgsl.
alias Stored = vec2<u32>;

fn unpack4(stored: Stored, _scale: Stored, _k4: u32) -> vec4<f32> {
  let words = stored.xxyy;
  return bitcast<vec4<f32>>(vec4(words.x << 16u, words.y & 0xffff0000u, words.z << 16u, words.w & 0xffff0000u));
}

