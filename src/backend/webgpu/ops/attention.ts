// Rotary causal attention within contexts: queries and keys are rotated and laid out, then one kernel goes over tiles of
// keys with an online softmax, so that no [T, T] is stored. Keeps the table that every layer of a forward needs again.

import { greatest } from "../../../lib/extremes.ts";
import type { AttentionSpec } from "../../backend.ts";
import attentionWgsl from "../kernels/attention.wgsl?raw";
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
  bindings: ["read", "read", "read", "read", "read", "write", "write", "write"],
};
const attentionKernel: Kernel = {
  name: "attention",
  code: attentionWgsl,
  bindings: ["read", "read", "read", "read", "write"],
};
/** Of a workgroup of rope.wgsl. */
const ROPE = { pairs: 16, rows: 4 };
/** Rows that a workgroup of attention.wgsl makes. */
const ROWS = 8;

/** Invocations of attention.wgsl: as many as a head has vec4s, where that is neither few nor many. */
const lanesFor = (dim4: number): number => (dim4 <= 16 ? 16 : dim4 <= 32 ? 32 : 64);

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
    const longest = greatest(contexts);
    const rotations = this.#ropeTables.get(spec.theta, headDim, longest);
    const padded = roundUp(headDim, 4);
    const queries = emptyTensor(runner, T, heads * padded, "rotated queries");
    const keys = emptyTensor(runner, T, kvHeads * padded, "rotated keys");
    const values = emptyTensor(runner, T, kvHeads * padded, "values");
    const y = emptyTensor(runner, T, heads * headDim, "attention");
    runner.dispatch({
      kernel: ropeKernel,
      buffers: [
        q.buffer,
        k.buffer,
        v.buffer,
        starts,
        rotations,
        queries.buffer,
        keys.buffer,
        values.buffer,
      ],
      u32: [T, heads, kvHeads, headDim, padded],
      groups: [
        Math.ceil((padded - headDim / 2) / ROPE.pairs),
        Math.ceil(T / ROPE.rows),
        heads + 2 * kvHeads,
      ],
    });
    const LANES = lanesFor(padded / 4);
    // Half of the keys come after a row.
    const rowFlops = 2 * heads * headDim * longest;
    for (const block of rowBlocks(T, rowFlops, runner.limits.submissionFlops)) {
      runner.dispatch({
        kernel: attentionKernel,
        constants: { LANES },
        buffers: [queries.buffer, keys.buffer, values.buffer, starts, y.buffer],
        u32: [block.first, block.rows, heads, kvHeads, headDim, padded / 4],
        f32: [1 / Math.sqrt(headDim)],
        groups: [heads * Math.ceil(padded / 4 / LANES), Math.ceil(block.rows / ROWS)],
        flops: block.rows * rowFlops,
      });
    }
    for (const scratch of [queries, keys, values]) scratch.dispose();
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
