// Rotary causal attention of rotated queries: softmax(q·kᵀ·scale)·v over the keys of each row's own context that are not
// after it. One workgroup makes ROWS rows and LANES vec4s of one head, over tiles of KEYS keys with an online softmax
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
override LANES: u32 = 64; // and vec4s of a head that a workgroup makes
override KEYS: u32 = 2 * LANES; // of a tile
override PARTS: u32 = LANES / ROWS; // of a row's keys, in the softmax
const LOWEST = -3.4e38;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> q: array<vec4<f32>>; // [T, heads, dim4]
@group(0) @binding(2) var<storage, read> k: array<vec4<f32>>; // [T, kvHeads, dim4]
@group(0) @binding(3) var<storage, read> v: array<vec4<f32>>; // [T, kvHeads, dim4]
@group(0) @binding(4) var<storage, read> contextStart: array<u32>; // [T]: row at which the row's context starts
@group(0) @binding(5) var<storage, read_write> y: array<f32>; // [T, heads, headDim]

var<workgroup> scores: array<f32, KEYS * ROWS>; // [KEYS, ROWS], then their weights
var<workgroup> parts: array<f32, LANES>; // [ROWS, PARTS]
var<workgroup> shrinks: array<f32, ROWS>; // what earlier sums are multiplied by, now that the highest may have grown

// Of one row and four keys of the tile; of a key that the row may not see, LOWEST.
fn put(r: u32, row: u32, firstKey: u32, place: u32, dots: vec4<f32>) {
  let keys = firstKey + vec4(0u, 1u, 2u, 3u);
  let seen = (keys <= vec4(row)) & (keys >= vec4(contextStart[row]));
  let masked = select(vec4(LOWEST), dots * params.scale, seen);
  scores[place * ROWS + r] = masked.x;
  scores[(place + 1) * ROWS + r] = masked.y;
  scores[(place + 2) * ROWS + r] = masked.z;
  scores[(place + 3) * ROWS + r] = masked.w;
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let dim4 = params.dim4;
  let chunks = (dim4 + LANES - 1) / LANES;
  let head = group.x / chunks;
  let component = group.x % chunks * LANES + lane;
  // Query heads share key heads in runs.
  let kvHead = head / (params.heads / params.kvHeads);
  let firstRow = params.firstRow + group.y * ROWS;
  let lastRow = min(firstRow + ROWS, params.firstRow + params.rows) - 1;
  let stride = params.kvHeads * dim4; // of keys and of values
  let kvAt = kvHead * dim4;
  // For the scores, this invocation has four rows and four keys.
  let r = lane % 2 * 4;
  let place = lane / 2 * 4;
  let rows = min(firstRow + r + vec4(0u, 1u, 2u, 3u), vec4(lastRow));
  let q0 = (rows.x * params.heads + head) * dim4;
  let q1 = (rows.y * params.heads + head) * dim4;
  let q2 = (rows.z * params.heads + head) * dim4;
  let q3 = (rows.w * params.heads + head) * dim4;
  // For the softmax, every PARTS-th key of one row.
  let softRow = lane / PARTS;
  let part = lane % PARTS;
  var highest = LOWEST;
  var sum = 0.0; // Σ exp(score − highest) of its keys
  var o0 = vec4<f32>();
  var o1 = vec4<f32>();
  var o2 = vec4<f32>();
  var o3 = vec4<f32>();
  var o4 = vec4<f32>();
  var o5 = vec4<f32>();
  var o6 = vec4<f32>();
  var o7 = vec4<f32>();

  for (var tile = contextStart[firstRow]; tile <= lastRow; tile += KEYS) {
    let key = tile + place;
    // Said and not implied: without it SwiftShader keeps what the tile before left.
    var d0 = vec4<f32>();
    var d1 = vec4<f32>();
    var d2 = vec4<f32>();
    var d3 = vec4<f32>();
    if (key <= lastRow) {
      let at = min(key + vec4(0u, 1u, 2u, 3u), vec4(lastRow)) * stride + kvAt;
      for (var c = 0u; c < dim4; c++) {
        // vec4 · matrix: the four dot products with its columns, which are keys.
        let keys = mat4x4<f32>(k[at.x + c], k[at.y + c], k[at.z + c], k[at.w + c]);
        d0 += q[q0 + c] * keys;
        d1 += q[q1 + c] * keys;
        d2 += q[q2 + c] * keys;
        d3 += q[q3 + c] * keys;
      }
    }
    put(r, rows.x, key, place, d0);
    put(r + 1, rows.y, key, place, d1);
    put(r + 2, rows.z, key, place, d2);
    put(r + 3, rows.w, key, place, d3);
    workgroupBarrier();
    let keys = min(KEYS, lastRow - tile + 1);
    var mine = highest;
    for (var i = part; i < keys; i += PARTS) {
      mine = max(mine, scores[i * ROWS + softRow]);
    }
    parts[lane] = mine;
    workgroupBarrier();
    for (var i = 0u; i < PARTS; i++) {
      mine = max(mine, parts[softRow * PARTS + i]);
    }
    let shrink = exp(highest - mine);
    highest = mine;
    sum *= shrink;
    for (var i = part; i < keys; i += PARTS) {
      let score = scores[i * ROWS + softRow];
      let weight = select(exp(score - highest), 0.0, score == LOWEST);
      scores[i * ROWS + softRow] = weight;
      sum += weight;
    }
    if (part == 0) {
      shrinks[softRow] = shrink;
    }
    workgroupBarrier();
    if (component < dim4) {
      o0 *= shrinks[0];
      o1 *= shrinks[1];
      o2 *= shrinks[2];
      o3 *= shrinks[3];
      o4 *= shrinks[4];
      o5 *= shrinks[5];
      o6 *= shrinks[6];
      o7 *= shrinks[7];
      for (var i = 0u; i < keys; i++) {
        let four = v[(tile + i) * stride + kvAt + component];
        let w = i * ROWS;
        o0 += scores[w] * four;
        o1 += scores[w + 1] * four;
        o2 += scores[w + 2] * four;
        o3 += scores[w + 3] * four;
        o4 += scores[w + 4] * four;
        o5 += scores[w + 5] * four;
        o6 += scores[w + 6] * four;
        o7 += scores[w + 7] * four;
      }
    }
    workgroupBarrier();
  }
  parts[lane] = sum;
  workgroupBarrier();
  if (component >= dim4) {
    return;
  }
  var out = array<vec4<f32>, ROWS>(o0, o1, o2, o3, o4, o5, o6, o7);
  for (var i = 0u; i <= lastRow - firstRow; i++) {
    var total = 0.0;
    for (var p = 0u; p < PARTS; p++) {
      total += parts[i * PARTS + p];
    }
    let base = ((firstRow + i) * params.heads + head) * params.headDim + 4 * component;
    for (var c = 0u; c < min(4u, params.headDim - 4 * component); c++) {
      y[base + c] = out[i][c] / total;
    }
  }
}
