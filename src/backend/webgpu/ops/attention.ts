// Rotary causal attention within contexts: over tiles of keys with an online softmax, so that no [T, T] is stored and
// no kernel needs a barrier. Keeps the tables that every layer of a forward needs again.

import type { AttentionSpec } from "../../backend.ts";
import scoresWgsl from "../kernels/attention_scores.wgsl?raw";
import softmaxWgsl from "../kernels/attention_softmax.wgsl?raw";
import valuesWgsl from "../kernels/attention_values.wgsl?raw";
import ropeWgsl from "../kernels/rope.wgsl?raw";
import type { Kernel } from "../kernel.ts";
import type { DeviceBuffer } from "../pool.ts";
import type { Runner } from "../runner.ts";
import { type GpuTensor, emptyTensor, expectShape } from "../tensor.ts";
import type { RopeTables } from "./ropeTables.ts";
import { rowBlocks } from "./rowBlocks.ts";

const ropeKernel: Kernel = {
  name: "rope",
  code: ropeWgsl,
  bindings: ["read", "read", "read", "write"],
};
const scoresKernel: Kernel = {
  name: "attentionScores",
  code: scoresWgsl,
  bindings: ["read", "read", "read", "write"],
};
const softmaxKernel: Kernel = {
  name: "attentionSoftmax",
  code: softmaxWgsl,
  bindings: ["read", "write", "write"],
};
const valuesKernel: Kernel = {
  name: "attentionValues",
  code: valuesWgsl,
  bindings: ["read", "read", "read", "read", "write"],
};
/** Workgroups of the kernels, and the rows of an invocation of a tiled one. */
const LINE_GROUP = 64;
const TILED_GROUP = { x: 16, y: 4, rows: 4 };
/** Keys of a tile. */
const MAX_TILE = 256;
/** f32 words of `Running` in the kernels. */
const RUNNING_WORDS = 3;
const MAX_SCRATCH_BYTES = 32 * 2 ** 20;

const roundUp = (n: number, step: number): number => Math.ceil(n / step) * step;

/** For each row, the row at which its context starts. */
function contextStarts(contexts: readonly number[]): Uint32Array {
  const starts = new Uint32Array(contexts.reduce((sum, length) => sum + length, 0));
  let row = 0;
  for (const length of contexts) {
    starts.fill(row, row, row + length);
    row += length;
  }
  return starts;
}

function expectSpec({ heads, kvHeads, headDim, contexts }: AttentionSpec): void {
  if (heads % kvHeads !== 0 || headDim % 2 !== 0 || contexts.some((length) => length < 1)) {
    throw new RangeError(
      `No attention of ${heads} heads on ${kvHeads}, head_dim ${headDim}, contexts ${contexts.join()}`,
    );
  }
}

/** Keys, and the rows that see any of them. */
export interface KeyTile {
  readonly firstKey: number;
  readonly keys: number;
  readonly firstRow: number;
  readonly rows: number;
}

/** Tiles over all keys of the batch, in order. */
export function planKeyTiles(contexts: readonly number[], tile: number): KeyTile[] {
  const ends: number[] = [];
  for (const length of contexts) ends.push((ends.at(-1) ?? 0) + length);
  const T = ends.at(-1) ?? 0;
  const tiles: KeyTile[] = [];
  for (let firstKey = 0; firstKey < T; firstKey += tile) {
    const keys = Math.min(tile, T - firstKey);
    // The last key is seen until its context ends.
    const end = ends.find((contextEnd) => contextEnd >= firstKey + keys) ?? T;
    tiles.push({ firstKey, keys, firstRow: firstKey, rows: end - firstKey });
  }
  return tiles;
}

export class Attention {
  readonly #runner: Runner;
  readonly #ropeTables: RopeTables;
  /** Of the contexts last seen: all layers of a forward have the same. */
  #starts: { key: string; buffer: DeviceBuffer } | null = null;

  constructor(runner: Runner, ropeTables: RopeTables) {
    this.#runner = runner;
    this.#ropeTables = ropeTables;
  }

  run(q: GpuTensor, k: GpuTensor, v: GpuTensor, spec: AttentionSpec): GpuTensor {
    const { heads, kvHeads, headDim, contexts } = spec;
    expectSpec(spec);
    const T = contexts.reduce((sum, length) => sum + length, 0);
    expectShape(q, T, heads * headDim, "q");
    expectShape(k, T, kvHeads * headDim, "k");
    expectShape(v, T, kvHeads * headDim, "v");
    const runner = this.#runner;
    const starts = this.#contextStarts(contexts);
    const turns = this.#ropeTables.get(spec.theta, headDim, Math.max(...contexts));
    const rotatedQ = this.#rotate(q, heads, headDim, starts, turns);
    const rotatedK = this.#rotate(k, kvHeads, headDim, starts, turns);
    const running = emptyTensor(runner, T, heads * RUNNING_WORDS, "attention running");
    const y = emptyTensor(runner, T, heads * headDim, "attention");

    const tile = Math.min(MAX_TILE, roundUp(T, 4));
    for (const { firstKey, keys, firstRow, rows } of planKeyTiles(contexts, tile)) {
      const rowFlops = 4 * heads * headDim * keys;
      const maxRows = Math.min(
        runner.limits.submissionFlops / rowFlops,
        MAX_SCRATCH_BYTES / (heads * tile * 4),
      );
      for (const block of rowBlocks(rows, 1, maxRows)) {
        const at = firstRow + block.first;
        const scores = emptyTensor(runner, block.rows, heads * tile, "attention scores");
        const rowGroups = Math.ceil(block.rows / (TILED_GROUP.y * TILED_GROUP.rows));
        runner.dispatch({
          kernel: scoresKernel,
          buffers: [rotatedQ.buffer, rotatedK.buffer, starts, scores.buffer],
          u32: [at, block.rows, firstKey, keys, tile / 4, heads, kvHeads, roundUp(headDim, 4) / 4],
          f32: [1 / Math.sqrt(headDim)],
          groups: [Math.ceil((heads * tile) / 4 / TILED_GROUP.x), rowGroups],
          flops: (block.rows * rowFlops) / 2,
        });
        runner.dispatch({
          kernel: softmaxKernel,
          buffers: [starts, scores.buffer, running.buffer],
          u32: [at, block.rows, firstKey, keys, tile, heads],
          groups: [Math.ceil((block.rows * heads) / LINE_GROUP), 1],
          flops: 20 * block.rows * heads * keys,
        });
        runner.dispatch({
          kernel: valuesKernel,
          buffers: [scores.buffer, running.buffer, v.buffer, starts, y.buffer],
          u32: [at, block.rows, firstKey, keys, tile, heads, kvHeads, headDim],
          groups: [Math.ceil((heads * Math.ceil(headDim / 4)) / TILED_GROUP.x), rowGroups],
          flops: (block.rows * rowFlops) / 2,
        });
        scores.dispose();
      }
    }
    for (const scratch of [rotatedQ, rotatedK, running]) scratch.dispose();
    return y;
  }

  /** [T, heads, headDim rounded up to 4]. */
  #rotate(
    x: GpuTensor,
    heads: number,
    headDim: number,
    starts: DeviceBuffer,
    turns: DeviceBuffer,
  ): GpuTensor {
    const padded = roundUp(headDim, 4);
    const y = emptyTensor(this.#runner, x.rows, heads * padded, "rotated");
    this.#runner.dispatch({
      kernel: ropeKernel,
      buffers: [x.buffer, starts, turns, y.buffer],
      u32: [x.rows, heads, headDim, padded],
      groups: [Math.ceil((heads * padded) / LINE_GROUP), x.rows],
    });
    return y;
  }

  #contextStarts(contexts: readonly number[]): DeviceBuffer {
    const key = contexts.join();
    const { pool } = this.#runner;
    const known = this.#starts;
    if (known?.key === key && pool.trusts(known.buffer)) return known.buffer;
    if (known) pool.release(known.buffer);
    const buffer = this.#runner.upload(contextStarts(contexts), "context starts");
    this.#starts = { key, buffer };
    return buffer;
  }
}
