// Causal attention within contexts, for q and k already rotated. One workgroup makes one head of one row: each lane
// scores one key of a tile, then owns up to four output components. The softmax is online (Milakov & Gimelshein
// 2018), so no row of scores is ever stored.

struct Params {
  heads: u32,
  kvHeads: u32,
  headDim: u32, // at most 4 · LANES
  firstRow: u32, // of this dispatch
  scale: f32, // 1 / sqrt(headDim)
}

override LANES: u32 = 64;
const LOWEST = -3.4e38;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> q: array<f32>; // [T, heads · headDim]
@group(0) @binding(2) var<storage, read> k: array<f32>; // [T, kvHeads · headDim]
@group(0) @binding(3) var<storage, read> v: array<f32>; // [T, kvHeads · headDim]
@group(0) @binding(4) var<storage, read> contextStart: array<u32>; // [T]: row at which the row's context starts
@group(0) @binding(5) var<storage, read_write> y: array<f32>; // [T, heads · headDim]

var<workgroup> scores: array<f32, LANES>;
var<workgroup> weights: array<f32, LANES>;

fn score(query: u32, key: u32) -> f32 {
  var sum = 0.0;
  for (var c = 0u; c < params.headDim; c++) {
    sum += q[query + c] * k[key + c];
  }
  return sum * params.scale;
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let t = params.firstRow + group.x;
  let head = group.y;
  let D = params.headDim;
  let query = (t * params.heads + head) * D;
  // Query heads share key heads in runs.
  let kvHead = head / (params.heads / params.kvHeads);

  var highest = LOWEST;
  var sum = 0.0;
  var out = vec4<f32>();
  for (var tile = contextStart[t]; tile <= t; tile += LANES) {
    let mine = tile + lane;
    var myScore = LOWEST;
    if (mine <= t) {
      myScore = score(query, (mine * params.kvHeads + kvHead) * D);
    }
    scores[lane] = myScore;
    workgroupBarrier();
    var newHighest = highest;
    for (var i = 0u; i < LANES; i++) {
      newHighest = max(newHighest, scores[i]);
    }
    weights[lane] = exp(myScore - newHighest);
    workgroupBarrier();
    let shrink = exp(highest - newHighest);
    highest = newHighest;
    sum *= shrink;
    out *= shrink;
    for (var i = 0u; i < min(LANES, t - tile + 1); i++) {
      let weight = weights[i];
      let value = ((tile + i) * params.kvHeads + kvHead) * D;
      sum += weight;
      for (var c = 0u; c < 4 && lane + c * LANES < D; c++) {
        out[c] += weight * v[value + lane + c * LANES];
      }
    }
  }
  for (var c = 0u; c < 4 && lane + c * LANES < D; c++) {
    y[query + lane + c * LANES] = out[c] / sum;
  }
}
