// The blocks after the SAE's hook, run once for a text's own stream and then, for streams that differ from it from some
// position on, only for the rows that differ: what comes before is read from the cached keys and values.

import type { CachedContext, Tensor } from "../../backend/backend.ts";
import type { JobOptions } from "../../lib/progress.ts";
import { ForwardCache, runCachedBlocks } from "../../model/cachedForward.ts";
import { finalNorm } from "../../model/forward.ts";
import type { Session } from "../session.ts";

/** Rows at the hook in the place of the text's own, from position `from` on. */
interface Branch {
  readonly from: number;
  readonly rows: number;
}

/** Rows of branches that run as one batch, where one branch alone is not longer. */
const BATCH_ROWS = 1024;

export class Trunk {
  /** After the last block, before the final norm: [T, d_model]. */
  readonly last: Tensor;
  /** After the final norm. */
  readonly normed: Tensor;
  readonly #session: Session;
  readonly #cache: ForwardCache;

  private constructor(session: Session, cache: ForwardCache, last: Tensor, normed: Tensor) {
    this.#session = session;
    this.#cache = cache;
    this.last = last;
    this.normed = normed;
  }

  /** @param x resid_post of the SAE's layer, [T, d_model]; the caller's. */
  static async run(session: Session, x: Tensor, options: JobOptions): Promise<Trunk> {
    const { gemma } = session.model;
    const from = session.sae.sae.config.layer + 1;
    const room = x.rows + Math.max(BATCH_ROWS, x.rows);
    const cache = new ForwardCache(gemma, from, gemma.config.layers, room);
    const contexts = [{ shared: 0, first: 0, past: 0, rows: x.rows }];
    let last: Tensor | null = null;
    try {
      last = await runCachedBlocks(gemma, x, contexts, cache, options);
      return new Trunk(session, cache, last, await finalNorm(gemma, last, options));
    } catch (error) {
      last?.dispose();
      cache.dispose();
      throw error;
    }
  }

  /**
   * @param x the branches' rows end to end, one branch or no more than `branchesTogether` of them; the caller's.
   * @returns the same rows after the final norm, the caller's too.
   */
  async branch(x: Tensor, branches: readonly Branch[], options: JobOptions): Promise<Tensor> {
    const { gemma } = this.#session.model;
    let first = this.last.rows;
    const contexts = branches.map(({ from, rows }): CachedContext => {
      const context = { shared: from, first, past: 0, rows };
      first += rows;
      return context;
    });
    const out = await runCachedBlocks(gemma, x, contexts, this.#cache, options);
    try {
      return await finalNorm(gemma, out, options);
    } finally {
      out.dispose();
    }
  }

  dispose(): void {
    for (const held of [this.last, this.normed, this.#cache]) held.dispose();
  }
}

/** How many branches of `rows` rows each may run as one batch. */
export const branchesTogether = (rows: number): number =>
  Math.max(1, Math.floor(BATCH_ROWS / rows));
