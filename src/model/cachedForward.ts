// Gemma's forward pass for tokens that go on from a text already run, or that take the place of its end: the keys and
// values of every block are kept, and only the new rows are computed. A text's own pass is forward.ts's.

import type { CachedContext, KvCache, Tensor } from "../backend/backend.ts";
import type { JobOptions } from "../lib/progress.ts";
import { type Attend, type Gemma, headsOf, runBlocksWith } from "./forward.ts";

/** Keys and values of the blocks from `from` to `to − 1`, `rows` positions each. */
export class ForwardCache {
  readonly from: number;
  readonly to: number;
  readonly #blocks: readonly KvCache[];

  constructor({ backend, config }: Gemma, from: number, to: number, rows: number) {
    this.from = from;
    this.to = to;
    const heads = headsOf(config);
    this.#blocks = Array.from({ length: to - from }, () => backend.kvCache(rows, heads));
  }

  block(index: number): KvCache {
    const cache = this.#blocks[index - this.from];
    if (!cache) throw new RangeError(`block ${index} of a cache of ${this.from} to ${this.to - 1}`);
    return cache;
  }

  dispose(): void {
    for (const cache of this.#blocks) cache.dispose();
  }
}

/** The rows of `contexts` before the cache's first block → after its last. `x` stays the caller's. */
export function runCachedBlocks(
  gemma: Gemma,
  x: Tensor,
  contexts: readonly CachedContext[],
  cache: ForwardCache,
  options: JobOptions,
): Promise<Tensor> {
  const spec = { ...headsOf(gemma.config), contexts };
  const attend: Attend = (block, q, k, v) =>
    gemma.backend.cachedAttention(q, k, v, cache.block(block), spec);
  return runBlocksWith(gemma, x, attend, cache.from, cache.to, options);
}
