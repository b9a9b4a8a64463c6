// Four neighbouring weights of an f32 matrix.
alias Packed4 = vec4<f32>;

fn unpack4(packed: Packed4) -> vec4<f32> {
  return packed;
}

