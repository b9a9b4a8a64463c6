// Four neighbouring weights of an f16 matrix, two to a word, the first in the low half. After weight_plain.wgsl.
alias Stored = vec2<u32>;

fn unpack4(stored: Stored, _scale: Stored, _k4: u32) -> vec4<f32> {
  return vec4(unpack2x16float(stored.x), unpack2x16float(stored.y));
}

