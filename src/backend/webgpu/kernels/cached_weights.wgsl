// Scores of a row become exp(score − highest). One invocation makes one head of one row.

struct Params {
  firstRow: u32,
  rows: u32,
  room: u32, // for scores of a head
  heads: u32,
}

struct Row {
  prefix: u32,
  first: u32,
  own: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<Row>; // [T]
@group(0) @binding(2) var<storage, read_write> scores: array<f32>; // [rows, heads, room]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.rows * params.heads) {
    return;
  }
  let row = rows[params.firstRow + id.x / params.heads];
  let base = id.x * params.room;
  let end = base + row.prefix + row.own;
  var highest = scores[base];
  for (var i = base + 1; i < end; i++) {
    highest = max(highest, scores[i]);
  }
  for (var i = base; i < end; i++) {
    scores[i] = exp(scores[i] - highest);
  }
}
