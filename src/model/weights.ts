// Gemma's weights on a backend, loaded piece by piece: a job that needs blocks 0…L reads blocks 0…L and no more, and
// of the embedding only the rows of its tokens unless it needs logits. `resident` keeps what was loaded; `streamed`
// keeps two blocks at a time, and the unembedding in tiles, for devices that cannot hold it all. The unembedding is the
// embedding, unless the file has an output head of its own.

import type { Backend, Tensor, Weight } from "../backend/backend.ts";
import { bytesOf, load, type MatrixSpec, type Wanted } from "../formats/load.ts";
import type { TensorSet } from "../formats/shards.ts";
import { FacetError } from "../lib/errors.ts";
import type { JobOptions } from "../lib/progress.ts";
import { isQuantFormat, roundToFormat } from "../lib/quantize.ts";
import type { Precision } from "../lib/report.ts";
import type { GemmaConfig } from "./config.ts";
import {
  blockTensors,
  embeddingTensor,
  finalNormTensor,
  unembeddingTensor,
  type GainName,
  type MatrixName,
} from "./tensors.ts";

/**
 * q [heads·headDim, d_model], k and v [kvHeads·headDim, d_model], o [d_model, heads·headDim];
 * gate and up [d_mlp, d_model], down [d_model, d_mlp]; gains [1, d_model] hold 1 + w.
 */
export type BlockWeights = Readonly<Record<MatrixName, Weight> & Record<GainName, Tensor>>;

export type Residency = "resident" | "streamed";

/** Rows of the unembedding that stand on the device together. */
export interface UnembeddingTile {
  /** [rows, d_model] */
  readonly E: Weight;
  readonly firstRow: number;
}

export interface Keeping {
  readonly residency?: Residency;
  /** What matrices, the embedding included, are kept in; null or left out: as the file has them. */
  readonly precision?: Precision | null;
  /** Elements of a streamed unembedding tile. */
  readonly tileElements?: number;
}

/** Elements of an embedding that is loaded whole for the first text: its rows one by one would take longer each time. */
const SMALL_EMBEDDING = 2 ** 20;

/** 32 MiB in bf16. */
const TILE_ELEMENTS = 16 * 1024 * 1024;

const isCancelled = (error: unknown): boolean =>
  error instanceof FacetError && error.code === "Cancelled";

export class GemmaWeights {
  /** Asked for; null: as the file has them. */
  readonly precision: Precision | null;
  #residency: Residency;
  readonly #backend: Backend;
  readonly #config: GemmaConfig;
  readonly #tensors: TensorSet;
  readonly #tileElements: number;
  readonly #blocks = new Map<number, Promise<BlockWeights>>();
  #format: Precision | null = null;
  #embedding: Weight | null = null;
  /** The same weight as #embedding where the head is tied. */
  #unembedding: Weight | null = null;
  #final: { gain: Tensor; weight: Float32Array } | null = null;

  constructor(
    backend: Backend,
    config: GemmaConfig,
    tensors: TensorSet,
    { residency = "resident", precision = null, tileElements = TILE_ELEMENTS }: Keeping = {},
  ) {
    this.#backend = backend;
    this.#config = config;
    this.#tensors = tensors;
    this.#residency = residency;
    this.precision = precision;
    this.#tileElements = tileElements;
  }

  get residency(): Residency {
    return this.#residency;
  }

  /** The format that matrices are kept in on this backend. Known once one was loaded. */
  get format(): Precision {
    if (this.#format === null) throw new Error("No weights were loaded yet.");
    return this.#format;
  }

  /** From now on streamed: frees what is held. For a device whose memory ran out. */
  stream(): void {
    this.dispose();
    this.#residency = "streamed";
  }

  /** Loads the block if it is not there. */
  async block(index: number, options: JobOptions): Promise<BlockWeights> {
    for (let known = this.#blocks.get(index); known; known = this.#blocks.get(index)) {
      try {
        return await known;
      } catch (error) {
        // Stopped with the job that began it: this one begins anew.
        if (!isCancelled(error) || options.signal?.aborted === true) throw error;
      }
    }
    const loading = this.#loadBlock(index, options);
    this.#blocks.set(index, loading);
    // A load that failed or was stopped is forgotten; whoever awaits it gets the error.
    loading.catch(() => {
      if (this.#blocks.get(index) === loading) this.#blocks.delete(index);
    });
    return loading;
  }

  /** Starts to load a block that is needed next, while the one before it computes. */
  prefetch(index: number, options: JobOptions): void {
    // Whoever needs the block awaits the same promise, and gets its error.
    this.block(index, options).catch(() => undefined);
  }

  /** Done with a block for now: streamed weights are freed. Only once the work that reads them was sent. */
  release(index: number): void {
    if (this.#residency === "resident") return;
    const block = this.#blocks.get(index);
    this.#blocks.delete(index);
    void block?.then(disposeBlock, () => undefined);
  }

  /** E[ids]·scale, [ids.length, d_model]: from the device where E stands there or is small, else its rows from the file. */
  async embed(ids: Uint32Array, scale: number, options: JobOptions): Promise<Tensor> {
    if (
      this.#residency === "resident" &&
      this.#config.vocab * this.#config.dModel <= SMALL_EMBEDDING
    ) {
      await this.#loadWhole("embedding", options);
    }
    return this.#rows(embeddingTensor(this.#config), this.#embedding, ids, scale, options);
  }

  /** W_U[ids], [ids.length, d_model]: what a token's logit is a product with. */
  unembeddingRows(ids: Uint32Array, options: JobOptions): Promise<Tensor> {
    return this.#rows(unembeddingTensor(this.#config), this.#unembedding, ids, 1, options);
  }

  /** Rows of a matrix [V, d_model], from `held` where it stands on the device. */
  async #rows(
    matrix: Wanted,
    held: Weight | null,
    ids: Uint32Array,
    scale: number,
    options: JobOptions,
  ): Promise<Tensor> {
    if (held) return this.#backend.gather(held, ids, scale);
    const unique = [...new Set(ids)].toSorted((a, b) => a - b);
    const rows = Object.fromEntries(
      unique.map((id) => [String(id), { ...matrix, rows: { from: id, to: id + 1 } }]),
    );
    const { vectors } = await load(
      this.#tensors,
      { matrices: {}, vectors: rows },
      noMatrices,
      options,
    );
    const { dModel } = this.#config;
    if (this.precision !== null && isQuantFormat(this.precision)) {
      // The numbers must not depend on whether the matrix stands on the device.
      for (const row of Object.values(vectors))
        roundToFormat(this.precision, row, dModel, matrix.name);
    }
    const values = new Float32Array(ids.length * dModel);
    ids.forEach((id, t) => {
      const row = vectors[String(id)];
      if (row)
        values.set(
          row.map((value) => value * scale),
          t * dModel,
        );
    });
    return this.#backend.tensor(values, ids.length, dModel);
  }

  /** W_U [V, d_model], which is E where the head is tied: one tile that stays, or tiles that are freed as the next is asked for. */
  async *unembedding(options: JobOptions): AsyncGenerator<UnembeddingTile> {
    if (this.#residency === "resident") {
      yield { E: await this.#loadWhole("unembedding", options), firstRow: 0 };
      return;
    }
    const { vocab, dModel } = this.#config;
    const step = Math.max(1, Math.floor(this.#tileElements / dModel));
    const head = unembeddingTensor(this.#config);
    for (let firstRow = 0; firstRow < vocab; firstRow += step) {
      const E = await this.#loadRows(head, firstRow, Math.min(vocab, firstRow + step), options);
      try {
        yield { E, firstRow };
        await this.#backend.checkpoint(options.signal);
      } finally {
        E.dispose();
      }
    }
  }

  /** Of the whole unembedding in its file. */
  unembeddingBytes(options: JobOptions = {}): Promise<number> {
    return bytesOf(this.#tensors, [unembeddingTensor(this.#config)], options);
  }

  /** [1, d_model]: 1 + w_final. */
  async finalGain(options: JobOptions): Promise<Tensor> {
    return (await this.#finalNorm(options)).gain;
  }

  /** w_final, without the 1: [d_model]. */
  async finalNormWeight(options: JobOptions): Promise<Float32Array> {
    return (await this.#finalNorm(options)).weight;
  }

  /** Bytes that loading blocks 0…last would read. */
  async blockBytes(last: number, options: JobOptions): Promise<number> {
    let bytes = 0;
    for (let i = 0; i <= last; i++) {
      const { matrices, vectors } = blockTensors(this.#config, i);
      const wanted = [...Object.values(matrices), ...Object.values(vectors)];
      bytes += await bytesOf(this.#tensors, wanted, options);
    }
    return bytes;
  }

  dispose(): void {
    for (const block of this.#blocks.values()) block.then(disposeBlock, () => undefined);
    this.#blocks.clear();
    this.#embedding?.dispose();
    if (this.#unembedding !== this.#embedding) this.#unembedding?.dispose();
    this.#embedding = null;
    this.#unembedding = null;
    this.#final?.gain.dispose();
    this.#final = null;
  }

  async #loadBlock(index: number, options: JobOptions): Promise<BlockWeights> {
    const { matrices, vectors } = await load(
      this.#tensors,
      blockTensors(this.#config, index),
      this.#writer,
      options,
    );
    this.#format = matrices.q.format;
    return {
      ...matrices,
      inputGain: this.#gain(vectors.inputGain),
      postAttentionGain: this.#gain(vectors.postAttentionGain),
    };
  }

  /** The embedding or the unembedding, whole, to stay. */
  async #loadWhole(which: "embedding" | "unembedding", options: JobOptions): Promise<Weight> {
    const held = which === "embedding" ? this.#embedding : this.#unembedding;
    if (held) return held;
    const { tied, vocab } = this.#config;
    const matrix = which === "embedding" ? embeddingTensor : unembeddingTensor;
    const loaded = await this.#loadRows(matrix(this.#config), 0, vocab, options);
    if (tied || which === "embedding") this.#embedding = loaded;
    if (tied || which === "unembedding") this.#unembedding = loaded;
    return loaded;
  }

  async #loadRows(matrix: Wanted, from: number, to: number, options: JobOptions): Promise<Weight> {
    const wanted = { matrices: { E: { ...matrix, rows: { from, to } } }, vectors: {} };
    return (await load(this.#tensors, wanted, this.#writer, options)).matrices.E;
  }

  async #finalNorm(options: JobOptions): Promise<{ gain: Tensor; weight: Float32Array }> {
    if (this.#final) return this.#final;
    const wanted = { matrices: {}, vectors: { w: finalNormTensor(this.#config) } };
    const { vectors } = await load(this.#tensors, wanted, noMatrices, options);
    this.#final = { gain: this.#gain(vectors.w), weight: vectors.w };
    return this.#final;
  }

  #gain(w: Float32Array): Tensor {
    return this.#backend.tensor(
      w.map((value) => 1 + value),
      1,
      w.length,
    );
  }

  readonly #writer = (spec: MatrixSpec) =>
    this.#backend.weight(this.precision === null ? spec : { ...spec, keep: this.precision });
}

const noMatrices = (): never => {
  throw new Error("No matrix was asked for.");
};

function disposeBlock(block: BlockWeights): void {
  for (const held of Object.values(block)) held.dispose();
}
