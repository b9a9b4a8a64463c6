// Rows of a matrix that is kept as its file has it: weight after weight, no scales. Before a plain format's file.

fn rowLength(cols4: u32) -> u32 {
  return cols4;
}

fn weightAt(k4: u32) -> u32 {
  return k4;
}

// Read, but of no meaning: `unpack4` ignores it, and so compilers leave the read out.
fn scaleAt(k4: u32) -> u32 {
  return k4;
}

