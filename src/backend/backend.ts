// What a backend is: the few operations that the Gemma forward and every SAE are written on.
// What it is not: it knows no model, no SAE, no file, and never decides what to compute.
//
// Shapes: T rows (tokens of one or more contexts), K inputs and N outputs of a matrix. Activations are f32, row-major.
// Operations record work and return at once; only `read*` and `checkpoint` wait, and `encode` where it cannot tell how
// much room its features take. A tensor may be disposed as soon as the last operation that uses it was recorded.

import type { WeightFormat } from "../lib/dtype.ts";
import type { BackendName, GeluKind, Precision } from "../lib/report.ts";

/** f32 [rows, cols] on the device. */
export interface Tensor {
  readonly rows: number;
  readonly cols: number;
  dispose(): void;
}

/** A matrix [rows, cols] on the device. cols is a multiple of 4. */
export interface Weight {
  readonly rows: number;
  readonly cols: number;
  /** What it is kept in; a backend that widens int8 and int4 still names them here, for its numbers are theirs. */
  readonly format: Precision;
  /** Device memory held. */
  readonly bytes: number;
  dispose(): void;
}

export interface WeightSpec {
  /** For messages and GPU labels: the tensor's name in its file. */
  readonly label: string;
  readonly rows: number;
  readonly cols: number;
  /** Of the bytes written: f32, bf16 or f16, little-endian. */
  readonly format: WeightFormat;
  /**
   * What to keep it in: `format` where nothing is said, int8 or int4 (lib/quantize.ts), or f32. Throws `Unsupported`
   * where that would round in any other way.
   */
  readonly keep?: Precision;
}

/** Takes a matrix's bytes as they arrive, in any pieces, in order. */
export interface WeightWriter {
  write(bytes: Uint8Array): void;
  /** Throws `Format` unless exactly the announced bytes were written. */
  finish(): Weight;
  /** Frees what was taken; for a load that failed half-way. */
  abort(): void;
}

export interface AttentionHeads {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Base of the rotary embedding. */
  readonly theta: number;
}

/** Rows of a batch belong to contexts laid end to end; attention never crosses from one to the next. */
export interface AttentionSpec extends AttentionHeads {
  /** Lengths of the contexts; their sum is T. Positions start at 0 in each. */
  readonly contexts: readonly number[];
}

/** Room on the device for the keys, rotated by their positions, and the values of one block. */
export interface KvCache {
  /** Positions that it holds, of all contexts together. */
  readonly rows: number;
  dispose(): void;
}

/**
 * A context that attends to a cache: to its first `shared` rows, which hold positions 0 to shared − 1 of a beginning
 * that contexts have in common, and then to rows of its own, from position `shared` on.
 */
export interface CachedContext {
  readonly shared: number;
  /** Where its own rows begin in the cache. */
  readonly first: number;
  /** Own rows stored by earlier calls. */
  readonly past: number;
  /** Rows of this batch: they are stored behind the past ones. At least 1. */
  readonly rows: number;
}

export interface CachedAttentionSpec extends AttentionHeads {
  /** Their rows lie end to end in the batch. */
  readonly contexts: readonly CachedContext[];
}

/** How an SAE's input is normalised (docs/maths.md §3.4). `scale` is the folded factor of expected_average_only_in. */
export type RowNormalization =
  | { readonly kind: "none" }
  | { readonly kind: "scale"; readonly factor: number }
  | { readonly kind: "constant_norm_rescale" }
  | { readonly kind: "layer_norm" };

export interface NormalizedRows {
  /** [T, d_in]: (x − shift_t) · scale_t − subtract. */
  readonly rows: Tensor;
  /** [T, 2]: multiply by the first, then add the second, to come back from the SAE's space. */
  readonly undo: Tensor;
}

/**
 * Every encoder as data. With a = x·W_enc, feature i is on where `a + gateBias > threshold`, and its value is
 * ReLU(a·scale + bias); where that is NaN, because sums overflowed, the feature is on and its value NaN. With k, only the k largest a·scale + bias of a row stay (ties: lower index first).
 */
export interface Encoder {
  /** [d_in, d_sae]. */
  readonly W_enc: Weight;
  /** [4, d_sae]: gateBias, threshold, scale, bias. */
  readonly affine: Tensor;
  /** null where nothing is cut. */
  readonly k: number | null;
}

/** Active features of T rows, compacted on the device. */
export interface Features {
  readonly rows: number;
  dispose(): void;
}

/** Active features as compressed sparse rows: row t owns pairs rowStart[t] up to rowStart[t+1], index ascending. */
export interface SparseRows {
  /** [T + 1]. */
  readonly rowStart: Uint32Array;
  readonly index: Uint32Array;
  /** Raw activations, all > 0. */
  readonly value: Float32Array;
}

export interface Decoder {
  /** [d_sae, d_in]. */
  readonly W_dec: Weight;
  /** [1, d_in]. */
  readonly b_dec: Tensor;
  /** [1, d_sae]: multiplies f before W_dec; null where it is all ones. */
  readonly featureScale: Tensor | null;
}

/** Columns of `logitStats`, a and b being the two streams, p the softmax of a's logits. */
export const LOGIT_STATS = {
  /** ln Σ exp(a) */
  lseA: 0,
  /** a at the target token */
  targetA: 1,
  /** Σ p·a */
  meanA: 2,
  lseB: 3,
  targetB: 4,
  /** Σ p·(a − b) */
  meanDifference: 5,
} as const;
/** Width of a row of `logitStats`. */
export const LOGIT_STATS_COLUMNS = 6;

/** Columns of `rowStats`. */
export const ROW_STATS = { xx: 0, xy: 1, yy: 2, squaredError: 3 } as const;
export const ROW_STATS_COLUMNS = 4;

export interface Backend {
  readonly name: BackendName;
  /** What runs it, for reports: "google swiftshader", "wasm simd, 1 thread". */
  readonly adapter: string;
  /** Resolves with the reason when the device is lost; never rejects. */
  readonly lost: Promise<string>;

  /** Uploads values, row-major; length must be rows · cols. */
  tensor(values: Float32Array, rows: number, cols: number): Tensor;
  weight(spec: WeightSpec): WeightWriter;

  /** Rows `ids` of W, times `scale`: [ids.length, cols]. */
  gather(W: Weight, ids: Uint32Array, scale: number): Tensor;
  /** x · rsqrt(mean(x²) + eps) · gain, gain [1, d] (Gemma's 1 + w). */
  rmsNorm(x: Tensor, gain: Tensor, eps: number): Tensor;
  /** x·Wᵀ (+ add): x [T, K], W [N, K] as a Hugging Face Linear has it → [T, N]. */
  linear(x: Tensor, W: Weight, add?: Tensor): Tensor;
  /** x·Wᵀ of three matrices, as q, k and v are made of one x. */
  linears(x: Tensor, W: readonly [Weight, Weight, Weight]): [Tensor, Tensor, Tensor];
  /** Rotary causal attention within contexts: q [T, heads·headDim], k and v [T, kvHeads·headDim] → [T, heads·headDim]. */
  attention(q: Tensor, k: Tensor, v: Tensor, spec: AttentionSpec): Tensor;
  kvCache(rows: number, heads: AttentionHeads): KvCache;
  /**
   * The same for rows that go on from what a cache holds: stores their keys and values, then lets each attend to its
   * context up to itself. Contexts that start at position 0 compute the same bits as `attention`.
   */
  cachedAttention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    cache: KvCache,
    spec: CachedAttentionSpec,
  ): Tensor;
  /** act(x·Wgateᵀ) ⊙ (x·Wupᵀ): [T, d_mlp]. */
  gatedMlp(x: Tensor, gate: Weight, up: Weight, act: GeluKind): Tensor;

  normalizeRows(x: Tensor, how: RowNormalization, subtract: Tensor | null): NormalizedRows;
  encode(x: Tensor, encoder: Encoder): Promise<Features>;
  /** Features made elsewhere (edited, say), put on the device. */
  features(rows: SparseRows): Features;
  /** ((f ⊙ featureScale)·W_dec + b_dec)·undo.scale + undo.shift, over active features only: [T, d_in]. */
  decode(features: Features, decoder: Decoder, undo: Tensor): Tensor;

  /** Row t of the result is row t of `b` where mask[t] is 1, else of `a`. */
  select(mask: Uint8Array, a: Tensor, b: Tensor): Tensor;
  /** Rows of several tensors under each other. */
  concatRows(parts: readonly Tensor[]): Tensor;
  /** Rows start to end (exclusive), as a tensor of their own. */
  sliceRows(x: Tensor, start: number, end: number): Tensor;
  /** [T, ROW_STATS_COLUMNS]: x·x, x·y, y·y, ‖x − y‖² of each row. */
  rowStats(x: Tensor, y: Tensor): Tensor;
  /**
   * [T, LOGIT_STATS_COLUMNS] of the logits a·Eᵀ and b·Eᵀ over vocabulary tiles; T×V is never stored. E [V, d];
   * targets [T]. Without b its columns are 0.
   */
  logitStats(a: Tensor, E: Weight, targets: Uint32Array, b?: Tensor): Tensor;

  /** The values, row-major. */
  read(x: Tensor): Promise<Float32Array>;
  readFeatures(features: Features): Promise<SparseRows>;

  /**
   * Where shaders must be compiled: compiles what `work` would run. It is given a backend that takes this one's tensors
   * and weights, computes nothing and reads zeros.
   */
  precompile?(work: (backend: Backend) => Promise<void>): Promise<void>;
  /**
   * Where work can be done in several ways: finds out which is fastest here, of those that were asked for and not
   * measured yet. For times in which nobody waits; stops early once the signal is aborted.
   */
  tune?(signal?: AbortSignal): Promise<void>;
  /**
   * Between pieces of work: sends what was recorded and lets the event loop turn where enough came together, and throws
   * `Cancelled` once the signal is aborted.
   */
  checkpoint(signal?: AbortSignal): Promise<void>;
  /** Device bytes held in weights, tensors and scratch. */
  memory(): number;
  /** Frees everything; the backend cannot be used afterwards. */
  dispose(): void;
}
