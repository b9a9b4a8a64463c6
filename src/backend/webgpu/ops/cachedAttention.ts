// Attention of rows that go on from a cache of keys and values. Few rows against many keys: every invocation has a row
// of its own, all its scores are stored, and no kernel needs a barrier. A context's beginning is `attention`'s work.

import { greatest } from "../../../lib/extremes.ts";
import type { AttentionHeads, CachedAttentionSpec, KvCache } from "../../backend.ts";
import scoresWgsl from "../kernels/cached_scores.wgsl?raw";
import storeWgsl from "../kernels/cached_store.wgsl?raw";
import valuesWgsl from "../kernels/cached_values.wgsl?raw";
import weightsWgsl from "../kernels/cached_weights.wgsl?raw";
import type { Kernel } from "../kernel.ts";
import type { DeviceBuffer } from "../pool.ts";
import type { Runner } from "../runner.ts";
import { type GpuTensor, emptyTensor, expectShape } from "../tensor.ts";
import type { Attention } from "./attention.ts";
import type { RopeTables } from "./ropeTables.ts";
import { rowBlocks } from "./rowBlocks.ts";

const storeKernel: Kernel = {
  name: "cachedStore",
  code: storeWgsl,
  bindings: ["read", "read", "read", "read", "read", "write", "write", "write"],
};
const scoresKernel: Kernel = {
  name: "cachedScores",
  code: scoresWgsl,
  bindings: ["read", "read", "read", "write"],
};
const weightsKernel: Kernel = {
  name: "cachedWeights",
  code: weightsWgsl,
  bindings: ["read", "write"],
};
const valuesKernel: Kernel = {
  name: "cachedValues",
  code: valuesWgsl,
  bindings: ["read", "read", "read", "write"],
};
const GROUP = 64;
const MAX_SCRATCH_BYTES = 32 * 2 ** 20;

const roundUp = (n: number, step: number): number => Math.ceil(n / step) * step;

export class GpuKvCache implements KvCache {
  readonly rows: number;
  /** Of a row, in each of the two: kvHeads · padded head width. */
  readonly cols: number;
  #held: { keys: GpuTensor; values: GpuTensor } | null;

  constructor(runner: Runner, rows: number, { kvHeads, headDim }: AttentionHeads) {
    this.rows = rows;
    this.cols = kvHeads * roundUp(headDim, 4);
    this.#held = {
      keys: emptyTensor(runner, rows, this.cols, "cached keys"),
      values: emptyTensor(runner, rows, this.cols, "cached values"),
    };
  }

  get buffers(): { keys: DeviceBuffer; values: DeviceBuffer } {
    if (this.#held === null) throw new Error("A key/value cache was used after its disposal");
    return { keys: this.#held.keys.buffer, values: this.#held.values.buffer };
  }

  dispose(): void {
    this.#held?.keys.dispose();
    this.#held?.values.dispose();
    this.#held = null;
  }
}

/** The cache as ours; another backend's is a mistake in the caller. */
export function gpuKvCache(cache: KvCache): GpuKvCache {
  if (cache instanceof GpuKvCache) return cache;
  throw new TypeError("A key/value cache of another backend was given to WebGPU");
}

/** `Row` of the kernels for each row of the batch. */
export function cachedRows({ contexts }: CachedAttentionSpec): Uint32Array {
  return Uint32Array.from(
    contexts.flatMap(({ shared, first, past, rows }) =>
      Array.from({ length: rows }, (_, i) => [shared, first, past + i + 1]).flat(),
    ),
  );
}

function expectSpec(spec: CachedAttentionSpec, cache: GpuKvCache): void {
  const { heads, kvHeads, headDim, contexts } = spec;
  const fits = contexts.every(
    ({ shared, first, past, rows }) =>
      rows >= 1 && shared <= cache.rows && first + past + rows <= cache.rows,
  );
  if (heads % kvHeads !== 0 || headDim % 2 !== 0 || contexts.length === 0 || !fits) {
    throw new RangeError(
      `No attention of ${heads} heads on ${kvHeads}, head_dim ${headDim}, to a cache of ${cache.rows} rows: ${JSON.stringify(contexts)}`,
    );
  }
  if (cache.cols !== kvHeads * roundUp(headDim, 4)) {
    throw new RangeError(`A cache made for other heads than ${kvHeads} of ${headDim}`);
  }
}

export class CachedAttention {
  readonly #runner: Runner;
  readonly #attention: Attention;
  readonly #ropeTables: RopeTables;

  constructor(runner: Runner, attention: Attention, ropeTables: RopeTables) {
    this.#runner = runner;
    this.#attention = attention;
    this.#ropeTables = ropeTables;
  }

  run(
    q: GpuTensor,
    k: GpuTensor,
    v: GpuTensor,
    cache: GpuKvCache,
    spec: CachedAttentionSpec,
  ): GpuTensor {
    const { heads, kvHeads, headDim, theta, contexts } = spec;
    expectSpec(spec, cache);
    const runner = this.#runner;
    const T = contexts.reduce((sum, { rows }) => sum + rows, 0);
    expectShape(q, T, heads * headDim, "q");
    expectShape(k, T, kvHeads * headDim, "k");
    expectShape(v, T, kvHeads * headDim, "v");
    const { keys, values } = cache.buffers;
    const padded = roundUp(headDim, 4);
    const longest = greatest(contexts.map(({ shared, past, rows }) => shared + past + rows));
    const rows = runner.upload(cachedRows(spec), "cached rows");
    const queries = emptyTensor(runner, T, heads * padded, "rotated queries");
    runner.dispatch({
      kernel: storeKernel,
      buffers: [
        q.buffer,
        k.buffer,
        v.buffer,
        rows,
        this.#ropeTables.get(theta, headDim, longest),
        queries.buffer,
        keys,
        values,
      ],
      u32: [T, heads, kvHeads, headDim, padded],
      groups: [Math.ceil(((heads + 2 * kvHeads) * padded) / GROUP), T],
    });
    const fromStart = contexts.every(({ shared, past }) => shared === 0 && past === 0);
    const y = fromStart
      ? this.#attention.run(q, k, v, { ...spec, contexts: contexts.map((one) => one.rows) })
      : this.#attend(queries, rows, keys, values, spec, longest);
    queries.dispose();
    runner.pool.release(rows);
    return y;
  }

  /** queries [T, heads, padded] → [T, heads·headDim]. `longest`: most keys that a row sees. */
  #attend(
    queries: GpuTensor,
    rows: DeviceBuffer,
    keys: DeviceBuffer,
    values: DeviceBuffer,
    { heads, kvHeads, headDim }: CachedAttentionSpec,
    longest: number,
  ): GpuTensor {
    const runner = this.#runner;
    const dim4 = roundUp(headDim, 4) / 4;
    const room = roundUp(longest, 4);
    const y = emptyTensor(runner, queries.rows, heads * headDim, "cached attention");
    const rowFlops = 4 * heads * headDim * longest;
    const fitting = Math.min(
      runner.limits.submissionFlops / rowFlops,
      MAX_SCRATCH_BYTES / (heads * room * 4),
    );
    for (const block of rowBlocks(queries.rows, 1, fitting)) {
      const scores = emptyTensor(runner, block.rows, heads * room, "cached scores");
      runner.dispatch({
        kernel: scoresKernel,
        buffers: [queries.buffer, keys, rows, scores.buffer],
        u32: [block.first, block.rows, room / 4, heads, kvHeads, dim4],
        f32: [1 / Math.sqrt(headDim)],
        groups: [Math.ceil((heads * room) / 4 / GROUP), block.rows],
        flops: (block.rows * rowFlops) / 2,
      });
      runner.dispatch({
        kernel: weightsKernel,
        buffers: [rows, scores.buffer],
        u32: [block.first, block.rows, room, heads],
        groups: [Math.ceil((block.rows * heads) / GROUP), 1],
        flops: 20 * block.rows * heads * longest,
      });
      runner.dispatch({
        kernel: valuesKernel,
        buffers: [scores.buffer, values, rows, y.buffer],
        u32: [block.first, block.rows, room, heads, kvHeads, headDim, dim4],
        groups: [Math.ceil((heads * dim4) / GROUP), block.rows],
        flops: (block.rows * rowFlops) / 2,
      });
      scores.dispose();
    }
    return y;
  }
}
