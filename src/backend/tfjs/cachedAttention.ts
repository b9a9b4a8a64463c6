// Attention of rows that go on from a cache of keys and values. tfjs' tensors cannot be written to: a context's keys are
// a tensor that is made anew, longer, with each call.

import {
  type Rank,
  type Tensor2D,
  type Tensor3D,
  concat,
  keep,
  reshape,
  slice,
} from "@tensorflow/tfjs-core";
import { defined } from "../../lib/defined.ts";
import type { CachedAttentionSpec, CachedContext, KvCache } from "../backend.ts";
import { context } from "./attention.ts";
import { branchAttention, sharedBeginning } from "./branchAttention.ts";
import type { Device } from "./device.ts";
import { type RopeTables, rotate } from "./rope.ts";

/** Of one context, [stored rows, kvHeads, headDim] each, keys rotated by their positions. */
interface Stored {
  readonly keys: Tensor3D;
  readonly values: Tensor3D;
}

export class TfjsKvCache implements KvCache {
  readonly rows: number;
  /** By the cache row at which the context begins. */
  readonly #stored = new Map<number, Stored>();
  readonly #onDispose: (cache: TfjsKvCache) => void;

  constructor(rows: number, onDispose: (cache: TfjsKvCache) => void) {
    this.rows = rows;
    this.#onDispose = onDispose;
  }

  get bytes(): number {
    let bytes = 0;
    for (const { keys, values } of this.#stored.values()) bytes += 4 * (keys.size + values.size);
    return bytes;
  }

  get(first: number): Stored {
    const found = this.#stored.get(first);
    if (found === undefined) throw new RangeError(`no keys were stored from row ${first} on`);
    return found;
  }

  /** Behind the rows that the context has, or where it has none, in the place of whatever began there. */
  store({ first, past, rows }: CachedContext, keys: Tensor3D, values: Tensor3D): void {
    const old = this.#stored.get(first);
    if (past > 0 && old?.keys.shape[0] !== past) {
      throw new RangeError(`${past} rows from ${first} on are not what was stored`);
    }
    if (first + past + rows > this.rows) throw new RangeError(`no room behind ${first + past}`);
    const onto = (before: Tensor3D | undefined, more: Tensor3D): Tensor3D =>
      keep(past === 0 || before === undefined ? slice(more, 0) : concat([before, more], 0));
    this.#stored.set(first, { keys: onto(old?.keys, keys), values: onto(old?.values, values) });
    this.#free(old);
  }

  dispose(): void {
    for (const stored of this.#stored.values()) this.#free(stored);
    this.#stored.clear();
    this.#onDispose(this);
  }

  #free(stored: Stored | undefined): void {
    stored?.keys.dispose();
    stored?.values.dispose();
  }
}

/** q [T, heads·headDim], k and v [T, kvHeads·headDim] → [T, heads·headDim]. */
export function cachedAttention(
  device: Device,
  q: Tensor2D,
  k: Tensor2D,
  v: Tensor2D,
  cache: TfjsKvCache,
  spec: CachedAttentionSpec,
  tables: RopeTables,
): Tensor2D {
  const { heads, kvHeads, headDim, contexts } = spec;
  const T = q.shape[0];
  const queries = rotate(device, q, heads, tables, 1 / Math.sqrt(headDim));
  const keys = rotate(device, k, kvHeads, tables);
  const values = reshape<Rank.R3>(v, [T, kvHeads, headDim]);

  const ends: number[] = [];
  for (const { rows } of contexts) ends.push((ends.at(-1) ?? 0) + rows);
  const own = (x: Tensor3D, i: number): Tensor3D => {
    const rows = contexts[i]?.rows ?? 0;
    return rows === T ? x : slice(x, [defined(ends[i]) - rows, 0, 0], [rows, -1, -1]);
  };
  contexts.forEach((one, i) => cache.store(one, own(keys, i), own(values, i)));
  const beginning = sharedBeginning(contexts);
  if (beginning !== null) {
    const { keys: firstKeys, values: firstValues } = cache.get(0);
    const shared = {
      keys: slice(firstKeys, [0, 0, 0], [beginning, -1, -1]),
      values: slice(firstValues, [0, 0, 0], [beginning, -1, -1]),
    };
    const mixed = branchAttention(device, queries, { keys, values }, shared);
    return reshape(mixed, [T, heads * headDim]);
  }
  const parts = contexts.map((one, i) => {
    const seen = (what: keyof Stored): Tensor3D => {
      const mine = cache.get(one.first)[what];
      if (one.shared === 0) return mine;
      const before = slice(cache.get(0)[what], [0, 0, 0], [one.shared, -1, -1]);
      return concat([before, mine], 0);
    };
    return context(device, own(queries, i), seen("keys"), seen("values"));
  });
  return reshape(concat(parts, 0), [T, heads * headDim]);
}
