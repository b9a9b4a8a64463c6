// Four neighbouring weights of an f32 matrix. After weight_plain.wgsl.
alias Stored = vec4<f32>;

fn unpack4(stored: Stored, _scale: Stored, _k4: u32) -> vec4<f32> {
  return stored;
}

