// Rotary causal attention of rotated queries: softmax(q·kᵀ·scale)·v over the keys of each row's own context that are not
// after it. One workgroup makes ROWS rows and 64 vec4s of one head, over tiles of LANES keys with an online softmax
// (Milakov & Gimelshein 2018), so that of all scores no more than one tile's are ever stored.
// Of 20 bytes a key and component (k and v once, q from the cache), it makes 2·ROWS multiply-adds.

struct Params {
  firstRow: u32,
  rows: u32,
  heads: u32,
  kvHeads: u32,
  headDim: u32,
  dim4: u32, // padded head width / 4
  scale: f32, // 1 / sqrt(headDim)
}

const ROWS = 8u;
const LANES = 64u; // keys of a tile, and vec4s of a head that a workgroup makes
const PARTS = 8u; // of a row's keys, in the softmax: LANES / ROWS
const LOWEST = -3.4e38;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> q: array<vec4<f32>>; // [T, heads, dim4]
@group(0) @binding(2) var<storage, read> k: array<vec4<f32>>; // [T, kvHeads, dim4]
@group(0) @binding(3) var<storage, read> v: array<vec4<f32>>; // [T, kvHeads, dim4]
@group(0) @binding(4) var<storage, read> contextStart: array<u32>; // [T]: row at which the row's context starts
@group(0) @binding(5) var<storage, read_write> y: array<f32>; // [T, heads, headDim]

var<workgroup> scores: array<f32, 512>; // [ROWS, LANES], then their weights
var<workgroup> parts: array<f32, LANES>; // [ROWS, PARTS]
var<workgroup> shrinks: array<f32, ROWS>; // what earlier sums are multiplied by, now that the highest may have grown

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let chunks = (params.dim4 + LANES - 1) / LANES;
  let head = group.x / chunks;
  let component = group.x % chunks * LANES + lane;
  // Query heads share key heads in runs.
  let kvHead = head / (params.heads / params.kvHeads);
  let firstRow = params.firstRow + group.y * ROWS;
  let lastRow = min(firstRow + ROWS, params.firstRow + params.rows) - 1;
  let stride = params.kvHeads * params.dim4; // of keys and of values
  let kvAt = kvHead * params.dim4;
  var queryAt: array<u32, ROWS>;
  for (var r = 0u; r < ROWS; r++) {
    queryAt[r] = (min(firstRow + r, lastRow) * params.heads + head) * params.dim4;
  }
  // In the softmax, this invocation has every PARTS-th key of one row.
  let softRow = lane / PARTS;
  let part = lane % PARTS;
  var highest = LOWEST;
  var sum = 0.0; // Σ exp(score − highest) of its keys
  var out: array<vec4<f32>, ROWS>;

  for (var tile = contextStart[firstRow]; tile <= lastRow; tile += LANES) {
    let key = tile + lane;
    // Said and not implied: without it SwiftShader keeps what the tile before left.
    var dots = array<f32, ROWS>();
    if (key <= lastRow) {
      let at = key * stride + kvAt;
      for (var c = 0u; c < params.dim4; c++) {
        let four = k[at + c];
        for (var r = 0u; r < ROWS; r++) {
          dots[r] += dot(q[queryAt[r] + c], four);
        }
      }
    }
    for (var r = 0u; r < ROWS; r++) {
      let row = min(firstRow + r, lastRow);
      let seen = key <= row && key >= contextStart[row];
      scores[r * LANES + lane] = select(LOWEST, dots[r] * params.scale, seen);
    }
    workgroupBarrier();
    var mine = highest;
    for (var i = part; i < LANES; i += PARTS) {
      mine = max(mine, scores[softRow * LANES + i]);
    }
    parts[lane] = mine;
    workgroupBarrier();
    for (var i = 0u; i < PARTS; i++) {
      mine = max(mine, parts[softRow * PARTS + i]);
    }
    let shrink = exp(highest - mine);
    highest = mine;
    sum *= shrink;
    for (var i = part; i < LANES; i += PARTS) {
      let score = scores[softRow * LANES + i];
      let weight = select(exp(score - highest), 0.0, score == LOWEST);
      scores[softRow * LANES + i] = weight;
      sum += weight;
    }
    if (part == 0) {
      shrinks[softRow] = shrink;
    }
    workgroupBarrier();
    if (component < params.dim4) {
      for (var r = 0u; r < ROWS; r++) {
        out[r] *= shrinks[r];
      }
      for (var i = 0u; i < min(LANES, lastRow - tile + 1); i++) {
        let four = v[(tile + i) * stride + kvAt + component];
        for (var r = 0u; r < ROWS; r++) {
          out[r] += scores[r * LANES + i] * four;
        }
      }
    }
    workgroupBarrier();
  }
  parts[lane] = sum;
  workgroupBarrier();
  if (component >= params.dim4) {
    return;
  }
  for (var r = 0u; r <= lastRow - firstRow; r++) {
    var total = 0.0;
    for (var i = 0u; i < PARTS; i++) {
      total += parts[r * PARTS + i];
    }
    let base = ((firstRow + r) * params.heads + head) * params.headDim + 4 * component;
    for (var i = 0u; i < min(4u, params.headDim - 4 * component); i++) {
      y[base + i] = out[r][i] / total;
    }
  }
}
