// Keeps the k largest values of each row and sets the others to 0; of equal ones, those with lower index. Values are
// ≥ 0, so their bits order as they do; NaN stands above all. One workgroup makes one row: a radix select (Alabi et al. 2012) of four
// digits finds the k-th value, then each lane cuts its own run of columns.

struct Params {
  columns: u32,
  k: u32,
}

const LANES = 64u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> dense: array<f32>; // [rows, columns]

var<workgroup> histogram: array<atomic<u32>, 256>;
var<workgroup> prefix: u32; // digits of the k-th value found so far
var<workgroup> wanted: u32; // its rank, from 1, among the values that share them
var<workgroup> ties: array<u32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x * params.columns;
  if (lane == 0) {
    prefix = 0;
    wanted = params.k;
  }
  for (var round = 0u; round < 4; round++) {
    let shift = 24 - 8 * round;
    for (var i = lane; i < 256; i += LANES) {
      atomicStore(&histogram[i], 0);
    }
    workgroupBarrier();
    for (var c = lane; c < params.columns; c += LANES) {
      let key = bitcast<u32>(dense[row + c]);
      // What is off (0) wins no place. Shifts by 32 are not allowed: the first digit has no prefix to share.
      if (key != 0 && (round == 0 || key >> (shift + 8) == prefix)) {
        atomicAdd(&histogram[(key >> shift) & 255], 1);
      }
    }
    workgroupBarrier();
    if (lane == 0) {
      var digit = 255u;
      var rank = wanted;
      while (digit > 0 && atomicLoad(&histogram[digit]) < rank) {
        rank -= atomicLoad(&histogram[digit]);
        digit--;
      }
      prefix = (prefix << 8) | digit;
      wanted = rank;
    }
    workgroupBarrier();
  }

  // Of the values equal to the k-th, the first `wanted` stay.
  let run = (params.columns + LANES - 1) / LANES;
  let first = min(lane * run, params.columns);
  let end = min(first + run, params.columns);
  var mine = 0u;
  for (var c = first; c < end; c++) {
    mine += u32(bitcast<u32>(dense[row + c]) == prefix);
  }
  ties[lane] = mine;
  workgroupBarrier();
  var before = 0u;
  for (var i = 0u; i < lane; i++) {
    before += ties[i];
  }
  for (var c = first; c < end; c++) {
    let key = bitcast<u32>(dense[row + c]);
    if (key == prefix) {
      before++;
    }
    if (key < prefix || (key == prefix && before > wanted)) {
      dense[row + c] = 0;
    }
  }
}
