// Takes one tile of logits into running sums of each row, and with the last tile writes the row's statistics. A row's
// softmax sums are relative to its highest logit so far (online softmax), so nothing overflows. One workgroup, one row.

struct Params {
  columns: u32, // logits in the tile
  stride4: u32, // room for them / 4
  firstColumn: u32, // vocabulary index of the tile's first
  firstTile: u32, // 1 for the first tile
  lastTile: u32, // 1 for the last tile
}

override PAIR: bool = false; // with a second stream b
const LANES = 32u;
const LOWEST = -3.4e38;
const COLUMNS = 6u; // LOGIT_STATS_COLUMNS

struct Stream {
  highest: f32,
  sum: f32, // Σ exp(logit − highest)
}

struct Running {
  a: Stream,
  b: Stream,
  weighted: f32, // Σ exp(a − a.highest)·a
  difference: f32, // Σ exp(a − a.highest)·(a − b)
  targetA: f32,
  targetB: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> logitsA: array<vec4<f32>>; // [T, stride4]
@group(0) @binding(2) var<storage, read> logitsB: array<vec4<f32>>; // [T, stride4]; unused without PAIR
@group(0) @binding(3) var<storage, read> targets: array<u32>; // [T]
@group(0) @binding(4) var<storage, read_write> running: array<Running>; // [T]
@group(0) @binding(5) var<storage, read_write> stats: array<f32>; // [T, COLUMNS], in the order of LOGIT_STATS

var<workgroup> shares: array<Running, LANES>;

fn nothing() -> Running {
  return Running(Stream(LOWEST, 0), Stream(LOWEST, 0), 0, 0, 0, 0);
}

fn join(p: Running, q: Running) -> Running {
  let highestA = max(p.a.highest, q.a.highest);
  let pa = exp(p.a.highest - highestA);
  let qa = exp(q.a.highest - highestA);
  let highestB = max(p.b.highest, q.b.highest);
  let sumB = p.b.sum * exp(p.b.highest - highestB) + q.b.sum * exp(q.b.highest - highestB);
  return Running(
    Stream(highestA, p.a.sum * pa + q.a.sum * qa),
    Stream(highestB, sumB),
    p.weighted * pa + q.weighted * qa,
    p.difference * pa + q.difference * qa,
    p.targetA + q.targetA,
    p.targetB + q.targetB,
  );
}

// Of four neighbouring logits; past the tile's end they are LOWEST, whose exponential is 0.
fn inTile(logits: vec4<f32>, c: u32) -> vec4<f32> {
  let inside = 4 * c + vec4(0u, 1u, 2u, 3u) < vec4(params.columns);
  return select(vec4(LOWEST), logits, inside);
}

fn highestOf(four: vec4<f32>) -> f32 {
  return max(max(four.x, four.y), max(four.z, four.w));
}

fn sumOf(four: vec4<f32>) -> f32 {
  return dot(four, vec4(1.0));
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let t = group.x;
  let row = t * params.stride4;
  // First the highest, then the sums: one exponential a logit.
  var mine = nothing();
  for (var c = lane; c < params.stride4; c += LANES) {
    mine.a.highest = max(mine.a.highest, highestOf(inTile(logitsA[row + c], c)));
    if (PAIR) {
      mine.b.highest = max(mine.b.highest, highestOf(inTile(logitsB[row + c], c)));
    }
  }
  for (var c = lane; c < params.stride4; c += LANES) {
    let a = inTile(logitsA[row + c], c);
    let p = exp(a - mine.a.highest);
    mine.a.sum += sumOf(p);
    mine.weighted += dot(p, a);
    if (PAIR) {
      let b = inTile(logitsB[row + c], c);
      mine.b.sum += sumOf(exp(b - mine.b.highest));
      mine.difference += dot(p, a - b);
    }
  }
  shares[lane] = mine;
  workgroupBarrier();
  if (lane != 0) {
    return;
  }
  for (var i = 1u; i < LANES; i++) {
    mine = join(mine, shares[i]);
  }
  if (params.firstTile == 0) {
    mine = join(mine, running[t]);
  }
  // Below the tile, this wraps to a large number.
  let column = targets[t] - params.firstColumn;
  if (column < params.columns) {
    mine.targetA = logitsA[row + column / 4][column % 4];
    if (PAIR) {
      mine.targetB = logitsB[row + column / 4][column % 4];
    }
  }
  if (params.lastTile == 0) {
    running[t] = mine;
    return;
  }
  let out = t * COLUMNS;
  stats[out] = mine.a.highest + log(mine.a.sum);
  stats[out + 1] = mine.targetA;
  stats[out + 2] = mine.weighted / mine.a.sum;
  stats[out + 3] = select(0, mine.b.highest + log(mine.b.sum), PAIR);
  stats[out + 4] = mine.targetB;
  stats[out + 5] = mine.difference / mine.a.sum;
}
