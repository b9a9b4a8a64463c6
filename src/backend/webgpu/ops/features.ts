// Active features on the device: compressed sparse rows in GPU buffers. How many pairs there are is known here only for
// those that were made elsewhere; the device knows, and whoever reads them back.

import { defined } from "../../../lib/defined.ts";
import { FacetError } from "../../../lib/errors.ts";
import type { Features, SparseRows } from "../../backend.ts";
import type { DeviceBuffer } from "../pool.ts";
import { MAX_BINDING_BYTES, type Runner } from "../runner.ts";

const READING = "Reading active features";

/** How many pairs a row of one encoder's has, as far as was seen: what is read back before the count is known. */
export interface Density {
  pairsPerRow: number;
}

interface Buffers {
  /** [rows + 1] */
  readonly rowStart: DeviceBuffer;
  /** [capacity] each */
  readonly index: DeviceBuffer;
  readonly value: DeviceBuffer;
}

export class GpuFeatures implements Features {
  readonly rows: number;
  /** Pairs that there is room for. */
  readonly capacity: number;
  readonly #runner: Runner;
  readonly #density: Density;
  #buffers: Buffers | null;

  constructor(runner: Runner, rows: number, capacity: number, density: Density) {
    if (capacity * 4 > MAX_BINDING_BYTES) {
      throw new FacetError(
        "OutOfMemory",
        `Encoding: ${capacity} active features in ${rows} tokens are more than a GPU binding holds. Use a shorter text; an SAE with so many active features may not fit this model.`,
      );
    }
    const pairBytes = Math.max(capacity * 4, 4);
    this.#runner = runner;
    this.#density = density;
    this.rows = rows;
    this.capacity = capacity;
    this.#buffers = {
      rowStart: runner.pool.acquire(4 * (rows + 1), "row starts"),
      index: runner.pool.acquire(pairBytes, "feature indices"),
      value: runner.pool.acquire(pairBytes, "feature values"),
    };
  }

  get buffers(): Buffers {
    if (this.#buffers === null) throw new Error("Features were used after their disposal");
    return this.#buffers;
  }

  /** How many there are, be there room for them or not. */
  async count(): Promise<number> {
    const bytes = 4 * (this.rows + 1);
    const [starts] = await this.#runner.read([{ buffer: this.buffers.rowStart, bytes }], READING);
    return defined(new Uint32Array(starts)[this.rows]);
  }

  /** In one go, where they are about as dense as those before them. */
  async read(): Promise<SparseRows> {
    const { rowStart, index, value } = this.buffers;
    const expected = Math.min(this.capacity, Math.ceil(this.rows * this.#density.pairsPerRow));
    const [starts, ...pairs] = await this.#runner.read(
      [
        { buffer: rowStart, bytes: 4 * (this.rows + 1) },
        { buffer: index, bytes: 4 * expected },
        { buffer: value, bytes: 4 * expected },
      ],
      READING,
    );
    const rowStarts = new Uint32Array(starts);
    const count = defined(rowStarts[this.rows]);
    this.#density.pairsPerRow = nextGuess(count / Math.max(this.rows, 1));
    const bytes = 4 * count;
    const [indices, values] =
      count <= expected
        ? pairs
        : await this.#runner.read(
            [
              { buffer: index, bytes },
              { buffer: value, bytes },
            ],
            READING,
          );
    return {
      rowStart: rowStarts,
      index: new Uint32Array(indices.slice(0, bytes)),
      value: new Float32Array(values.slice(0, bytes)),
    };
  }

  dispose(): void {
    if (this.#buffers === null) return;
    const { rowStart, index, value } = this.#buffers;
    for (const buffer of [rowStart, index, value]) this.#runner.pool.release(buffer);
    this.#buffers = null;
  }
}

/** A quarter more than there were, for the next text has others. */
const nextGuess = (pairsPerRow: number): number => Math.max(16, 1.25 * pairsPerRow);

/** The features as ours; another backend's are a mistake in the caller. */
export function gpuFeatures(features: Features): GpuFeatures {
  if (features instanceof GpuFeatures) return features;
  throw new TypeError("Features of another backend were given to WebGPU");
}

export function uploadFeatures(runner: Runner, rows: SparseRows): GpuFeatures {
  const { rowStart, index, value } = rows;
  const count = rowStart.at(-1) ?? 0;
  if (count !== index.length || count !== value.length) {
    throw new RangeError(
      `Sparse rows end at ${count} and have ${index.length} indices, ${value.length} values`,
    );
  }
  const length = rowStart.length - 1;
  const features = new GpuFeatures(runner, length, count, {
    pairsPerRow: count / Math.max(length, 1),
  });
  runner.write(features.buffers.rowStart, 0, rowStart);
  runner.write(features.buffers.index, 0, index);
  runner.write(features.buffers.value, 0, value);
  return features;
}
