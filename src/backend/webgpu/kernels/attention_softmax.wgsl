// Scores of a tile become weights relative to the row's highest score so far (online softmax, Milakov & Gimelshein
// 2018); keys that a row may not see get 0. One invocation makes one head of one row.

struct Params {
  firstRow: u32,
  rows: u32,
  firstKey: u32,
  keys: u32, // of the tile
  tile: u32, // room for keys
  heads: u32,
}

// Of one head of one row, over the tiles so far.
struct Running {
  highest: f32,
  sum: f32, // Σ exp(score − highest)
  shrink: f32, // what earlier sums are multiplied by, now that the highest may have grown
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> contextStart: array<u32>; // [T]: row at which the row's context starts
@group(0) @binding(2) var<storage, read_write> scores: array<f32>; // [rows, heads, tile]
@group(0) @binding(3) var<storage, read_write> running: array<Running>; // [T, heads]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.x / params.heads;
  let head = id.x % params.heads;
  if (row >= params.rows) {
    return;
  }
  let t = params.firstRow + row;
  let state = t * params.heads + head;
  let scoresAt = (row * params.heads + head) * params.tile;
  let start = contextStart[t];
  let first = max(start, params.firstKey) - params.firstKey;
  let end = min(t + 1, params.firstKey + params.keys) - params.firstKey;

  // A row's first tile is the one in which its context starts.
  var old = Running(-3.4e38, 0, 0);
  if (start < params.firstKey) {
    old = running[state];
  }
  var highest = old.highest;
  for (var i = first; i < end; i++) {
    highest = max(highest, scores[scoresAt + i]);
  }
  let shrink = exp(old.highest - highest);
  var sum = old.sum * shrink;
  for (var i = 0u; i < params.tile; i++) {
    var weight = 0.0;
    if (i >= first && i < end) {
      weight = exp(scores[scoresAt + i] - highest);
    }
    scores[scoresAt + i] = weight;
    sum += weight;
  }
  running[state] = Running(highest, sum, shrink);
}
