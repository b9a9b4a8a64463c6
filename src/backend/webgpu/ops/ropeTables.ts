// Tables of the rotary embedding on the device, which every layer of every forward needs again.

import type { DeviceBuffer } from "../pool.ts";
import type { Runner } from "../runner.ts";

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

export class RopeTables {
  readonly #runner: Runner;
  readonly #tables = new Map<string, { positions: number; buffer: DeviceBuffer }>();

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  /** At least `positions` long; grown by doubling. */
  get(theta: number, headDim: number, positions: number): DeviceBuffer {
    const key = `${theta}/${headDim}`;
    const { pool } = this.#runner;
    const known = this.#tables.get(key);
    if (known && known.positions >= positions && pool.trusts(known.buffer)) return known.buffer;
    if (known) pool.release(known.buffer);
    const room = 2 ** Math.ceil(Math.log2(Math.max(positions, 64)));
    const buffer = this.#runner.upload(ropeTable(theta, headDim, room), `rope ${key}`);
    this.#tables.set(key, { positions: room, buffer });
    return buffer;
  }
}
