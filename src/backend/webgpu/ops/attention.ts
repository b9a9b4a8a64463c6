// Rotary causal attention within contexts. Keeps the tables that every layer of a forward needs again.

import { FacetError } from "../../../lib/errors.ts";
import type { AttentionSpec } from "../../backend.ts";
import attentionWgsl from "../kernels/attention.wgsl?raw";
import ropeWgsl from "../kernels/rope.wgsl?raw";
import type { Kernel } from "../kernel.ts";
import type { DeviceBuffer } from "../pool.ts";
import type { Runner } from "../runner.ts";
import { type GpuTensor, emptyTensor, expectShape } from "../tensor.ts";
import { rowBlocks } from "./rowBlocks.ts";

const ropeKernel: Kernel = {
  name: "rope",
  code: ropeWgsl,
  bindings: ["read", "read", "read", "write"],
};
const attentionKernel: Kernel = {
  name: "attention",
  code: attentionWgsl,
  bindings: ["read", "read", "read", "read", "write"],
};
const ROPE_GROUP = 64;
const MAX_HEAD_DIM = 256;

/**
 * [positions, headDim/2, 2]: cos and sin of position · theta^(−2i/headDim). On the CPU, in the f32 steps of Hugging
 * Face's Gemma (inverse frequencies, then angles): WGSL's sin and cos lose precision at large angles.
 */
export function ropeTable(theta: number, headDim: number, positions: number): Float32Array {
  const half = headDim / 2;
  const table = new Float32Array(positions * headDim);
  for (let i = 0; i < half; i++) {
    const exponent = Math.fround((2 * i) / headDim);
    const frequency = Math.fround(1 / Math.fround(theta ** exponent));
    for (let position = 0; position < positions; position++) {
      const angle = Math.fround(position * frequency);
      table[position * headDim + 2 * i] = Math.cos(angle);
      table[position * headDim + 2 * i + 1] = Math.sin(angle);
    }
  }
  return table;
}

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

function expectSpec(spec: AttentionSpec): void {
  const { heads, kvHeads, headDim, contexts } = spec;
  if (heads % kvHeads !== 0 || headDim % 2 !== 0 || contexts.some((length) => length < 1)) {
    throw new RangeError(`Attention cannot be ${JSON.stringify(spec)}`);
  }
  if (headDim > MAX_HEAD_DIM) {
    throw new FacetError(
      "Unsupported",
      `Running attention: head_dim ${headDim}, and this backend has room for ${MAX_HEAD_DIM}. Choose a tfjs backend.`,
    );
  }
}

export class Attention {
  readonly #runner: Runner;
  readonly #ropeTables = new Map<string, { positions: number; buffer: DeviceBuffer }>();
  /** Of the contexts last seen: all layers of a forward have the same. */
  #starts: { key: string; buffer: DeviceBuffer } | null = null;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  run(q: GpuTensor, k: GpuTensor, v: GpuTensor, spec: AttentionSpec): GpuTensor {
    const { heads, kvHeads, headDim, contexts } = spec;
    expectSpec(spec);
    const T = contexts.reduce((sum, length) => sum + length, 0);
    expectShape(q, T, heads * headDim, "q");
    expectShape(k, T, kvHeads * headDim, "k");
    expectShape(v, T, kvHeads * headDim, "v");
    const longest = Math.max(...contexts);
    const starts = this.#contextStarts(contexts);
    const turns = this.#ropeTable(spec.theta, headDim, longest);
    const rotatedQ = this.#rotate(q, heads, starts, turns);
    const rotatedK = this.#rotate(k, kvHeads, starts, turns);
    const y = emptyTensor(this.#runner, T, heads * headDim, "attention");
    const rowFlops = 4 * heads * headDim * longest;
    for (const block of rowBlocks(T, rowFlops, this.#runner.submissionFlops)) {
      this.#runner.dispatch({
        kernel: attentionKernel,
        constants: { LANES: headDim <= 128 ? 32 : 64 },
        buffers: [rotatedQ.buffer, rotatedK.buffer, v.buffer, starts, y.buffer],
        u32: [heads, kvHeads, headDim, block.first],
        f32: [1 / Math.sqrt(headDim)],
        groups: [block.rows, heads],
        flops: block.rows * rowFlops,
      });
    }
    rotatedQ.dispose();
    rotatedK.dispose();
    return y;
  }

  #rotate(x: GpuTensor, heads: number, starts: DeviceBuffer, turns: DeviceBuffer): GpuTensor {
    const y = emptyTensor(this.#runner, x.rows, x.cols, "rotated");
    this.#runner.dispatch({
      kernel: ropeKernel,
      buffers: [x.buffer, starts, turns, y.buffer],
      u32: [x.rows, heads, x.cols / heads / 2],
      groups: [Math.ceil(x.cols / 2 / ROPE_GROUP), x.rows],
    });
    return y;
  }

  #contextStarts(contexts: readonly number[]): DeviceBuffer {
    const key = contexts.join();
    if (this.#starts?.key !== key) {
      if (this.#starts) this.#runner.pool.release(this.#starts.buffer);
      const buffer = this.#runner.upload(contextStarts(contexts), "context starts");
      this.#starts = { key, buffer };
    }
    return this.#starts.buffer;
  }

  /** At least `positions` long; grown by doubling. */
  #ropeTable(theta: number, headDim: number, positions: number): DeviceBuffer {
    const key = `${theta}/${headDim}`;
    const known = this.#ropeTables.get(key);
    if (known && known.positions >= positions) return known.buffer;
    if (known) this.#runner.pool.release(known.buffer);
    const room = 2 ** Math.ceil(Math.log2(Math.max(positions, 64)));
    const buffer = this.#runner.upload(ropeTable(theta, headDim, room), `rope ${key}`);
    this.#ropeTables.set(key, { positions: room, buffer });
    return buffer;
  }
}
