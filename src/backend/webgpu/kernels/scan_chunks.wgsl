// In each row, counts of chunks become the number of active values before the chunk; the row's total goes beside.
// One invocation makes one row: there are few chunks, and a parallel scan would need barriers.

struct Params {
  rows: u32,
  chunks: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> counts: array<u32>; // [rows, chunks]
@group(0) @binding(2) var<storage, read_write> totals: array<u32>; // [rows]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.x;
  if (row >= params.rows) {
    return;
  }
  var before = 0u;
  for (var i = row * params.chunks; i < (row + 1) * params.chunks; i++) {
    let count = counts[i];
    counts[i] = before;
    before += count;
  }
  totals[row] = before;
}
