// Four neighbouring weights of an f16 matrix, two to a word, the first in the low half.
alias Packed4 = vec2<u32>;

fn unpack4(packed: Packed4) -> vec4<f32> {
  return vec4(unpack2x16float(packed.x), unpack2x16float(packed.y));
}

