// The backend interface over TensorFlow.js: who owns which tensor, and which file does each operation.
// The operations themselves stand beside it as functions on tfjs' tensors.

import {
  type Tensor2D,
  add,
  concat,
  gather,
  mul,
  slice,
  tensor1d,
  tensor2d,
  tidy,
} from "@tensorflow/tfjs-core";
import { FacetError, throwIfCancelled } from "../../lib/errors.ts";
import type { GeluKind } from "../../lib/report.ts";
import type {
  AttentionHeads,
  AttentionSpec,
  Backend,
  CachedAttentionSpec,
  Decoder,
  Encoder,
  Features,
  KvCache,
  NormalizedRows,
  RowNormalization,
  SparseRows,
  Tensor,
  Weight,
  WeightSpec,
  WeightWriter,
} from "../backend.ts";
import { attention } from "./attention.ts";
import { cachedAttention, TfjsKvCache } from "./cachedAttention.ts";
import type { Device, Lease, TfjsKind } from "./device.ts";
import { gelu } from "./gelu.ts";
import { logitStats } from "./logitStats.ts";
import { normalizeRows, rmsNorm, rowStats } from "./norms.ts";
import { times, timesTransposed } from "./products.ts";
import { type RopeTables, type Run, ropeKey, ropeTables } from "./rope.ts";
import { gatherRows, sumActiveRows } from "./rows.ts";
import { type Affine, prepareAffine, SparseCollector } from "./sparse.ts";
import { turn, TURN_EVERY_MS } from "../turn.ts";
import { TfjsWeight, weightWriter } from "./weight.ts";

/** Pre-activations that `encode` has at a time. */
const PRE_ACTIVATIONS_AT_A_TIME = 2 ** 22;

export class TfjsBackend implements Backend {
  readonly name: TfjsKind;
  readonly adapter: string;
  readonly lost: Promise<string>;
  readonly #lease: Lease;
  readonly #device: Device;
  readonly #owned = new Set<TfjsTensor | TfjsWeight | TfjsKvCache>();
  #rope: ({ key: string } & RopeTables) | null = null;
  readonly #affines = new WeakMap<Tensor, Affine>();
  #lastTurn = 0;
  #disposed = false;

  constructor(name: TfjsKind, lease: Lease) {
    this.name = name;
    this.adapter = lease.device.adapter;
    this.lost = lease.device.lost;
    this.#lease = lease;
    this.#device = lease.device;
  }

  tensor(values: Float32Array, rows: number, cols: number): Tensor {
    if (values.length !== rows * cols) {
      throw new RangeError(`a [${rows}, ${cols}] tensor was given ${values.length} values`);
    }
    // A copy: tfjs may keep the array it is given.
    return this.#record(() => tensor2d(values.slice(), [rows, cols]));
  }

  weight(spec: WeightSpec): WeightWriter {
    return weightWriter(
      spec,
      this.#device,
      () => this.#makeCurrent(),
      (weight) => this.#owned.add(weight),
      (weight) => this.#owned.delete(weight),
    );
  }

  gather(W: Weight, ids: Uint32Array, scale: number): Tensor {
    return this.#record(() => mul(gatherRows(this.#device, this.#weightOf(W), ids), scale));
  }

  rmsNorm(x: Tensor, gain: Tensor, eps: number): Tensor {
    return this.#record(() => rmsNorm(this.#device, this.#of(x), this.#of(gain), eps));
  }

  linears(x: Tensor, [a, b, c]: readonly [Weight, Weight, Weight]): [Tensor, Tensor, Tensor] {
    return [this.linear(x, a), this.linear(x, b), this.linear(x, c)];
  }

  linear(x: Tensor, W: Weight, addend?: Tensor): Tensor {
    return this.#record(() => {
      const product = timesTransposed(this.#device, this.#of(x), this.#weightOf(W));
      return addend === undefined ? product : add(product, this.#of(addend));
    });
  }

  attention(q: Tensor, k: Tensor, v: Tensor, spec: AttentionSpec): Tensor {
    const tables = this.#ropeTables(
      spec,
      spec.contexts.map((length) => [0, length]),
    );
    return this.#record(() =>
      attention(this.#device, this.#of(q), this.#of(k), this.#of(v), spec, tables),
    );
  }

  kvCache(rows: number): KvCache {
    const cache = new TfjsKvCache(rows, (gone) => this.#owned.delete(gone));
    this.#owned.add(cache);
    return cache;
  }

  cachedAttention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    cache: KvCache,
    spec: CachedAttentionSpec,
  ): Tensor {
    if (!(cache instanceof TfjsKvCache && this.#owned.has(cache))) {
      throw new TypeError("a key/value cache of another backend, or one that was disposed");
    }
    const tables = this.#ropeTables(
      spec,
      spec.contexts.map(({ shared, past, rows }) => [shared + past, shared + past + rows]),
    );
    return this.#record(() =>
      cachedAttention(this.#device, this.#of(q), this.#of(k), this.#of(v), cache, spec, tables),
    );
  }

  gatedMlp(x: Tensor, gate: Weight, up: Weight, act: GeluKind): Tensor {
    return this.#record(() =>
      mul(
        gelu(timesTransposed(this.#device, this.#of(x), this.#weightOf(gate)), act),
        timesTransposed(this.#device, this.#of(x), this.#weightOf(up)),
      ),
    );
  }

  normalizeRows(x: Tensor, how: RowNormalization, subtract: Tensor | null): NormalizedRows {
    this.#makeCurrent();
    const { rows, undo } = tidy(() =>
      normalizeRows(this.#of(x), how, subtract === null ? null : this.#of(subtract)),
    );
    return { rows: this.#own(rows), undo: this.#own(undo) };
  }

  async encode(x: Tensor, encoder: Encoder): Promise<Features> {
    const W = this.#weightOf(encoder.W_enc);
    const collector = new SparseCollector(await this.#affineOf(encoder.affine), encoder.k);
    const step = Math.max(1, Math.floor(PRE_ACTIVATIONS_AT_A_TIME / W.cols));
    for (let start = 0; start < x.rows; start += step) {
      this.#makeCurrent();
      const a = tidy(() => {
        const size = Math.min(step, x.rows - start);
        return times(size === x.rows ? this.#of(x) : slice(this.#of(x), [start, 0], [size, -1]), W);
      });
      try {
        collector.add(this.#device.view?.(a) ?? (await a.data<"float32">()));
      } finally {
        a.dispose();
      }
    }
    return new TfjsFeatures(collector.finish());
  }

  /** Read once: it stays as it is for as long as the SAE is open. */
  async #affineOf(affine: Tensor): Promise<Affine> {
    const known = this.#affines.get(affine);
    if (known !== undefined) return known;
    const prepared = prepareAffine(await this.read(affine));
    this.#affines.set(affine, prepared);
    return prepared;
  }

  features(rows: SparseRows): Features {
    const { rowStart, index, value } = rows;
    return new TfjsFeatures({
      rowStart: rowStart.slice(),
      index: index.slice(),
      value: value.slice(),
    });
  }

  decode(features: Features, decoder: Decoder, undo: Tensor): Tensor {
    const { W_dec, b_dec, featureScale } = decoder;
    return this.#record(() => {
      const scale = featureScale === null ? null : this.#of(featureScale);
      const sums = sumActiveRows(this.#device, ourFeatures(features), this.#weightOf(W_dec), scale);
      const column = (c: number): Tensor2D => slice(this.#of(undo), [0, c], [-1, 1]);
      return add(mul(add(sums, this.#of(b_dec)), column(0)), column(1));
    });
  }

  select(mask: Uint8Array, a: Tensor, b: Tensor): Tensor {
    const rows = Int32Array.from(mask, (chosen, t) => (chosen === 1 ? a.rows + t : t));
    return this.#record(() =>
      gather(concat([this.#of(a), this.#of(b)], 0), tensor1d(rows, "int32")),
    );
  }

  concatRows(parts: readonly Tensor[]): Tensor {
    return this.#record(() =>
      concat(
        parts.map((part) => this.#of(part)),
        0,
      ),
    );
  }

  sliceRows(x: Tensor, start: number, end: number): Tensor {
    return this.#record(() => slice(this.#of(x), [start, 0], [end - start, -1]));
  }

  rowStats(x: Tensor, y: Tensor): Tensor {
    return this.#record(() => rowStats(this.#of(x), this.#of(y)));
  }

  logitStats(a: Tensor, E: Weight, targets: Uint32Array, b?: Tensor): Tensor {
    const other = b === undefined ? null : this.#of(b);
    return this.#record(() =>
      logitStats(this.#device, this.#of(a), this.#weightOf(E), targets, other),
    );
  }

  async read(x: Tensor): Promise<Float32Array> {
    // A copy: tfjs may give the array that holds the tensor.
    return (await this.#of(x).data<"float32">()).slice();
  }

  async readFeatures(features: Features): Promise<SparseRows> {
    return ourFeatures(features);
  }

  async checkpoint(signal?: AbortSignal): Promise<void> {
    await this.#device.flush();
    if (performance.now() - this.#lastTurn > TURN_EVERY_MS) {
      await turn();
      this.#lastTurn = performance.now();
    }
    throwIfCancelled(signal, "computing");
  }

  memory(): number {
    let bytes = this.#rope === null ? 0 : 4 * (this.#rope.cos.size + this.#rope.sin.size);
    for (const owned of this.#owned) bytes += owned.bytes;
    return bytes;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const owned of this.#owned) owned.dispose();
    this.#dropRope();
    this.#lease.release();
  }

  #makeCurrent(): void {
    if (this.#disposed) {
      throw new FacetError(
        "NoBackend",
        `Computing on ${this.name}: it was closed. Open the model again.`,
      );
    }
    this.#lease.makeCurrent();
  }

  /** Runs operations; all they made but the result is freed. */
  #record(operations: () => Tensor2D): Tensor {
    this.#makeCurrent();
    return this.#own(tidy(operations));
  }

  #own(values: Tensor2D): TfjsTensor {
    const tensor = new TfjsTensor(values, (gone) => this.#owned.delete(gone));
    this.#owned.add(tensor);
    return tensor;
  }

  /** tfjs' own tensor. What was disposed, or belongs to another backend, is a mistake of the caller. */
  #of(x: Tensor): Tensor2D {
    if (x instanceof TfjsTensor && this.#owned.has(x)) return x.values;
    throw new TypeError("a tensor of another backend, or one that was disposed");
  }

  #weightOf(W: Weight): TfjsWeight {
    if (W instanceof TfjsWeight && this.#owned.has(W)) return W;
    throw new TypeError("a weight of another backend, or one that was disposed");
  }

  /** Kept for the next layer, which has the same. */
  #ropeTables(heads: AttentionHeads, runs: readonly Run[]): RopeTables {
    const key = ropeKey(heads, runs);
    if (this.#rope?.key === key) return this.#rope;
    this.#makeCurrent();
    this.#dropRope();
    this.#rope = { key, ...ropeTables(heads, runs) };
    return this.#rope;
  }

  #dropRope(): void {
    this.#rope?.cos.dispose();
    this.#rope?.sin.dispose();
    this.#rope = null;
  }
}

class TfjsTensor implements Tensor {
  readonly values: Tensor2D;
  readonly rows: number;
  readonly cols: number;
  readonly #onDispose: (tensor: TfjsTensor) => void;

  constructor(values: Tensor2D, onDispose: (tensor: TfjsTensor) => void) {
    this.values = values;
    [this.rows, this.cols] = values.shape;
    this.#onDispose = onDispose;
  }

  get bytes(): number {
    return this.values.size * 4;
  }

  dispose(): void {
    this.values.dispose();
    this.#onDispose(this);
  }
}

/** On the CPU side, where they were compacted. */
class TfjsFeatures implements Features {
  #sparse: SparseRows | null;
  readonly rows: number;

  constructor(sparse: SparseRows) {
    this.#sparse = sparse;
    this.rows = sparse.rowStart.length - 1;
  }

  get sparse(): SparseRows {
    if (this.#sparse === null) throw new Error("these features were disposed");
    return this.#sparse;
  }

  dispose(): void {
    this.#sparse = null;
  }
}

function ourFeatures(features: Features): SparseRows {
  if (features instanceof TfjsFeatures) return features.sparse;
  throw new TypeError("features of another backend");
}
